import { Command } from 'commander'
import { main } from '../main.ts'

export const serveCommand = (): Command =>
  new Command('serve').description('run the server until it is told to stop').action(() => main())
