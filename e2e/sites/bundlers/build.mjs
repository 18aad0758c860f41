// build.mjs KIND OUT: one small site in three releases, OUT/1 to OUT/3, as a bundler
// writes it. KIND: vite, webpack, webpack-late-banner.
//
// The site has an entry, a vendor chunk that never changes, a stylesheet, an image,
// and a lazy page with a leaf module of its own. Release 2 changes the image and the
// leaf; release 3 changes the stylesheet and has no lazy page any more.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [kind, out] = process.argv.slice(2)
const source = path.resolve(out, 'source')
const modules = fileURLToPath(new URL('node_modules', import.meta.url)) // the sources stand elsewhere

// write puts the sources of a release down.
function write(release) {
  fs.rmSync(source, { recursive: true, force: true })
  const file = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(source, name)), { recursive: true })
    fs.writeFileSync(path.join(source, name), text)
  }
  const lazy = release < 3
  file('vendor.js', 'export const table = Array.from({ length: 400 }, (_, i) => i * i)\n')
  file('style.css', `body { color: ${release < 3 ? 'navy' : 'darkred'} }\n`)
  file('logo.svg', `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="${release === 1 ? 3 : 4}"/></svg>\n`)
  file('main.js', `import './style.css'
import logo from './logo.svg'
import { table } from './vendor.js'
document.body.insertAdjacentHTML('beforeend', '<img src="' + logo + '">' + table.length)
${lazy ? "addEventListener('hashchange', () => import('./more.js').then(m => m.show()))" : ''}
`)
  if (lazy) {
    file('more.js', "import { text } from './leaf.js'\nexport const show = () => document.body.append(text)\n")
    file('leaf.js', `export const text = 'leaf of release ${release === 1 ? 1 : 2}'\n`)
  }
  const script = kind === 'vite' ? '<script type="module" src="/main.js"></script>' : ''
  file('index.html', `<!doctype html>\n<html><head><meta charset="utf-8"><title>site</title></head><body>${script}</body></html>\n`)
}

async function vite(to) {
  const { build } = await import('vite')
  await build({
    root: source, logLevel: 'warn', configFile: false,
    build: {
      outDir: to, emptyOutDir: true, assetsInlineLimit: 0,
      rollupOptions: { output: { manualChunks: id => (id.includes('vendor') ? 'vendor' : undefined) } },
    },
  })
}

// lateBanner writes the release into every script after its name was made from its
// content: the name stays, the bytes change.
class lateBanner {
  constructor(release) { this.release = release }
  apply(compiler) {
    const { Compilation, sources: { ConcatSource } } = compiler.webpack
    compiler.hooks.thisCompilation.tap('lateBanner', compilation => {
      compilation.hooks.processAssets.tap({ name: 'lateBanner', stage: Compilation.PROCESS_ASSETS_STAGE_REPORT }, assets => {
        for (const name of Object.keys(assets).filter(n => n.endsWith('.js'))) {
          compilation.updateAsset(name, old => new ConcatSource(`/* release ${this.release} */\n`, old))
        }
      })
    })
  }
}

async function webpack(to, release) {
  const { default: pack } = await import('webpack')
  const { default: html } = await import('html-webpack-plugin')
  const { default: css } = await import('mini-css-extract-plugin')
  const config = {
    context: source, entry: './main.js', mode: 'production', devtool: false, target: 'web',
    output: { path: to, clean: true, publicPath: '/', filename: 'js/[name].[contenthash:8].js', assetModuleFilename: 'img/[name].[contenthash:8][ext]' },
    module: { rules: [{ test: /\.css$/, use: [css.loader, path.join(modules, 'css-loader')] }, { test: /\.svg$/, type: 'asset/resource' }] },
    optimization: { runtimeChunk: false, splitChunks: { cacheGroups: { vendor: { test: /vendor/, name: 'vendor', chunks: 'all', enforce: true } } } },
    plugins: [new css({ filename: 'css/[name].[contenthash:8].css' }), new html({ template: './index.html' })],
  }
  if (kind === 'webpack-late-banner') config.plugins.push(new lateBanner(release))
  const stats = await new Promise((resolve, reject) => pack(config, (err, stats) => (err ? reject(err) : resolve(stats))))
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }))
}

const builders = { vite, webpack, 'webpack-late-banner': webpack }
if (!builders[kind] || !out) {
  console.error(`build.mjs KIND OUT; KIND: ${Object.keys(builders).join(', ')}`)
  process.exit(2)
}
for (const release of [1, 2, 3]) {
  write(release)
  await builders[kind](path.resolve(out, String(release)), release)
}
