package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// workersPath is where browsers find what belongs to service workers, beside the edge.
const workersPath = browser.CheckPath + "worker/"

// hashes is what the service worker of a release is to have: a SHA-256 for each URL.
func (b *bodies) hashes(manifest map[string]string) map[string]string {
	list := map[string]string{}
	for url, id := range manifest {
		sum := sha256.Sum256(b.byID[id].text)
		list[url] = hex.EncodeToString(sum[:])
	}
	return list
}

// workerScript is the service worker of a release. door is where it is told which file
// to fetch next, and says what it was given.
func (b *bodies) workerScript(kind prove.Kind, door string, manifest map[string]string) []byte {
	list, _ := json.Marshal(b.hashes(manifest))
	return fmt.Appendf(nil, scriptText, list, door, kind == prove.Worker, kind == prove.SkipWaitingWorker)
}

// scriptText precaches as the prover's service workers do. It fetches what differs from
// the manifest before, one file after the other and when it is told to, past the HTTP
// cache, keeps the rest, and answers from what it has when it is active. What is kept
// for a release on its way is named after its manifest, so that nobody else has it.
const scriptText = `
const manifest = %s
const door = %q, compares = %t, skips = %t
const listed = '/.staleproof/manifest'
const coming = 'coming ' + JSON.stringify(manifest)

const hash = async bytes => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), b => b.toString(16).padStart(2, '0')).join('')

async function install() {
  if (skips) skipWaiting()
  await caches.delete(coming)
  const [active, next] = await Promise.all([caches.open('active'), caches.open(coming)])
  const had = await (await active.match(listed)).json()
  await next.put(listed, new Response(JSON.stringify(manifest)))
  const missing = new Set()
  for (const url in manifest) {
    if (had[url] === manifest[url]) await next.put(url, await active.match(url))
    else missing.add(url)
  }
  while (missing.size > 0) {
    const url = await (await fetch(door + '/next', {cache: 'no-store'})).text()
    if (!missing.delete(url)) throw await fetch(door + '/got?wrong=' + encodeURIComponent('its worker is not to fetch ' + url), {method: 'POST'})
    const response = await fetch(url, {cache: 'no-store'})
    const bytes = await response.clone().arrayBuffer()
    await fetch(door + '/got?status=' + response.status, {method: 'POST', body: bytes})
    if (response.status !== 200 || compares && await hash(bytes) !== manifest[url]) throw 'refused'
    await next.put(url, response)
  }
}

async function activate() {
  await caches.delete('active')
  const [active, next] = await Promise.all([caches.open('active'), caches.open(coming)])
  for (const request of await next.keys()) await active.put(request, await next.match(request))
  await caches.delete(coming)
}

addEventListener('install', e => e.waitUntil(install()))
addEventListener('activate', e => e.waitUntil(activate()))
addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (url.origin !== location.origin || !(url.pathname + url.search in manifest)) return
  e.respondWith(caches.open('active').then(c => c.match(url.pathname + url.search)))
})
`

// registerScript is run in a page of the check: somebody was here before, so that the
// worker of the first release is installed, whole, and has asked nobody.
func (b *bodies) registerScript(worker string, manifest map[string]string) string {
	type kept struct{ URL, Media, Text string }
	var files []kept
	for url, id := range manifest {
		files = append(files, kept{url, b.byID[id].media, string(b.byID[id].text)})
	}
	all, _ := json.Marshal(files)
	list, _ := json.Marshal(b.hashes(manifest))
	return fmt.Sprintf(registerText, all, list, worker)
}

const registerText = `(async () => {
  const active = await caches.open('active')
  for (const f of %s) await active.put(f.URL, new Response(f.Text, {headers: {'Content-Type': f.Media}}))
  await active.put('/.staleproof/manifest', new Response(JSON.stringify(%s)))
  const r = await navigator.serviceWorker.register(%q, {scope: '/'})
  const w = r.installing ?? r.waiting ?? r.active
  while (w.state !== 'activated') {
    if (w.state === 'redundant') throw new Error('the first service worker was not installed')
    await new Promise(done => w.addEventListener('statechange', done, {once: true}))
  }
})()`
