import { Command, InvalidArgumentError } from 'commander'
import { createToken, readTokens, removeToken } from '../pve/access/tokens.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { table } from './table.ts'

/** `guestnet token`: what machines show to look at the page and the metrics from elsewhere. */
export function tokenVerb() {
  return new Command('token')
    .description('tokens for machines that look from elsewhere, such as Prometheus')
    .showHelpAfterError('(add --help for the verbs)')
    .addCommand(createVerb())
    .addCommand(listVerb())
    .addCommand(removeVerb())
}

function createVerb() {
  const command = nodeVerb('create', 'make a token, or replace one; its secret is printed this once', [
    'pveRoot',
  ])
    .argument('<name>', 'what it is for', nameArgument)
    .action((name: string) => {
      requireRoot('token create')
      const secret = createToken(settingsOf(command).pveRoot, name)
      if (formatOf(command) === 'json') printJson({ name, secret })
      else print(secret)
    })
  return examples(command, 'guestnet token create prometheus >/etc/prometheus/guestnet.token')
}

function listVerb() {
  const command = nodeVerb('list', 'list the tokens', ['pveRoot']).action(() => {
    requireRoot('token list')
    const tokens = readTokens(settingsOf(command).pveRoot).map(({ name, created }) => ({ name, created }))
    if (formatOf(command) === 'json') printJson(tokens)
    else print(table(tokens.map(({ name, created }) => [name, new Date(created).toISOString()])))
  })
  return examples(command, 'guestnet token list')
}

function removeVerb() {
  const command = nodeVerb('remove', 'remove a token: what shows it is refused from then on', ['pveRoot'])
    .argument('<name>', 'its name', nameArgument)
    .action((name: string) => {
      requireRoot('token remove')
      if (removeToken(settingsOf(command).pveRoot, name)) return
      complain(`there is no token ${name}; see guestnet token list`)
      process.exitCode = EXIT.error
    })
  return examples(command, 'guestnet token remove prometheus')
}

function nameArgument(text: string): string {
  if (/^[a-zA-Z0-9][\w.-]{0,63}$/.test(text)) return text
  throw new InvalidArgumentError('It must have letters, digits, ., - and _ only, at most 64.')
}
