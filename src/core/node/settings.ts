/** How one instance of guestnet was asked to run: the common options of the command line. */
export interface Settings {
  /** Names everything that is this instance's: `--name`. */
  readonly name: string
  /** The tree of the cluster's configuration: `--pve-root`. */
  readonly pveRoot: string
  /** This node's name in the cluster: `--node`. */
  readonly node: string
  /** The policy file: `--config`. */
  readonly config: string
  /** What may be lost at a reboot: `--run-dir`. */
  readonly runDir: string
  /** What outlives a reboot: `--state-dir`. */
  readonly stateDir: string
  /** `poll`: no inotify. */
  readonly watch: 'auto' | 'poll'
}
