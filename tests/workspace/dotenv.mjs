// Reads lines of JSON (the text of an env file) and prints what the real `dotenv` makes of each.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { parse } = createRequire(process.argv[2])('dotenv')
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(parse(JSON.parse(line))))
}
