import { missingPackages } from './requirements.ts'

// For scripts/setup.sh: the Debian packages that this machine lacks, on one line.
process.stdout.write(`${(await missingPackages()).join(' ')}\n`)
