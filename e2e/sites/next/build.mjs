// build.mjs OUT: one small Next site in three releases, OUT/1 to OUT/3, each a folder
// that "next start" serves and that has a deployment id of its own, "release-1" to
// "release-3", and no other setting.
//
// The site has a style sheet, an image, and a lazy part with a leaf module of its own.
// Release 2 changes the image and the leaf; release 3 changes the style sheet and has
// no lazy part any more. A second page, /other, is the same in all of them.
import fs from 'node:fs'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const out = process.argv[2]
if (!out) {
  console.error('build.mjs OUT')
  process.exit(2)
}
const tools = path.dirname(fileURLToPath(import.meta.url))
const source = path.join(tools, 'source') // beside node_modules, which Turbopack does not look for elsewhere
const modules = path.join(tools, 'node_modules')

// write puts the sources of a release down. What Next has kept of the build before stays.
function write(release) {
  for (const name of fs.existsSync(source) ? fs.readdirSync(source) : []) {
    if (name !== '.next') fs.rmSync(path.join(source, name), { recursive: true })
  }
  const file = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(source, name)), { recursive: true })
    fs.writeFileSync(path.join(source, name), text)
  }
  const lazy = release < 3
  file('next.config.mjs', `export default { deploymentId: 'release-${release}' }\n`)
  file('style.css', `body { color: ${release < 3 ? 'navy' : 'darkred'} }\n`)
  file('logo.svg', `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="${release === 1 ? 3 : 4}"/></svg>\n`)
  file('pages/_app.js', "import '../style.css'\nexport default ({ Component, pageProps }) => <Component {...pageProps} />\n")
  file('pages/index.js', `import logo from '../logo.svg'
export default () => <main><img src={logo.src} alt="" />${lazy ? "<button onClick={() => import('../lib/more').then(m => m.show())}>more</button>" : ''}</main>
export const getServerSideProps = () => ({ props: {} })
`)
  file('pages/other.js', "export default () => <p>the other page</p>\nexport const getServerSideProps = () => ({ props: {} })\n")
  if (lazy) {
    file('lib/more.js', "import { text } from './leaf'\nexport const show = () => document.body.append(text)\n")
    file('lib/leaf.js', `export const text = 'leaf of release ${release === 1 ? 1 : 2}'\n`)
  }
}

for (const release of [1, 2, 3]) {
  write(release)
  const next = spawnSync(process.execPath, [path.join(modules, 'next/dist/bin/next'), 'build'], {
    cwd: source, encoding: 'utf8', env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CI: '1' },
  })
  if (next.status !== 0) {
    console.error(next.stdout + next.stderr)
    process.exit(1)
  }
  const to = path.resolve(out, String(release))
  fs.cpSync(path.join(source, '.next'), path.join(to, '.next'), {
    recursive: true, filter: name => name !== path.join(source, '.next/cache'),
  })
  fs.copyFileSync(path.join(source, 'next.config.mjs'), path.join(to, 'next.config.mjs'))
  fs.symlinkSync(modules, path.join(to, 'node_modules'))
}
