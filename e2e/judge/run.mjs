// Runs the judge's tests against the URL given and prints one line of JSON for each:
// its id, its kind (required, optimal or check), and what it says, "" when it passes.
//   node run.mjs FOLDER-OF-HTTP-CACHE-TESTS URL
import { pathToFileURL } from 'url'
const [folder, base] = process.argv.slice(2)
const part = path => import(pathToFileURL(folder + '/' + path))
const { runTests, getResults } = await part('client/runner.mjs')
const fetch = (await part('../node-fetch/lib/index.mjs')).default
const tests = (await part('tests/index.mjs')).default
tests.push((await part('tests/surrogate-control.mjs')).default)
await runTests(tests, fetch, false, base)
const kinds = new Map(tests.flatMap(suite => suite.tests.map(t => [t.id, t.kind || 'required'])))
for (const [id, said] of Object.entries(getResults())) {
  console.log(JSON.stringify({ id, kind: kinds.get(id), said: said === true ? '' : said.join(': ') }))
}
