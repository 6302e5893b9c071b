#!/usr/bin/env node
// Plain JavaScript, so that any Node gets as far as this line: SQLite's binary ends an older one without a word.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `signalbox needs Node 22.19 or later, and this is ${process.version}; run it through \`npx signalbox\` or \`npm run signalbox\`, which bring their own`,
  )
  process.exit(2)
}
const { main } = await import('./main.ts')
await main(process.argv)
