/** What of a guest's file matters here. Keys of SSH, passwords of cloud-init and Notes are not among it. */
const TOLD =
  /^(?:\[[\w:-]+\]|(?:net|ipconfig)\d+:|(?:name|hostname|lock|template|ostype|nameserver|searchdomain|cicustom|parent):)/

/** A guest's configuration, with the lines that were left out counted. */
export function toldOf(text: string): string {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const told = lines.filter(line => TOLD.test(line))
  return `${[...told, `# ${lines.length - told.length} more lines were left out`].join('\n')}\n`
}
