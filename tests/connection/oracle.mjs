// Reads connection strings as JSON, one a line, and answers how Node's URL and pg's own parser read each.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { parse } = createRequire(process.argv[2])('pg-connection-string')

function read(how) {
  try {
    return how()
  } catch {
    return null
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const text = JSON.parse(line)
  const url = read(() => {
    const { username, password, hostname, port, pathname, searchParams, hash } = new URL(text)
    return { username, password, hostname, port, pathname, hash, parameters: [...searchParams] }
  })
  const pg = read(() => {
    const { host, port, user, password, database, ...others } = parse(text)
    return { host, port, user, password, database, others }
  })
  console.log(JSON.stringify({ url, pg }))
}
