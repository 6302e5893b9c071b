// Jest's transformer: Node itself takes the types away, so a test runs exactly the lines that are written.
import { stripTypeScriptTypes } from 'node:module'
export default { process: (code) => ({ code: stripTypeScriptTypes(code) }) }
