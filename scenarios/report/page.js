'use strict'
document.documentElement.classList.add('js')
const panels = [...document.querySelectorAll('.panel')]
const sections = [...document.querySelectorAll('section.grid')]
let shown = null

// show makes one panel of its section visible and marks its cell.
function show(id, focus) {
  const panel = document.getElementById(id)
  if (!panel || !panel.classList.contains('panel')) return
  const section = panel.closest('section')
  for (const p of section.querySelectorAll('.panel.on')) p.classList.remove('on')
  for (const a of section.querySelectorAll('a.cell[aria-current]')) a.removeAttribute('aria-current')
  panel.classList.add('on')
  for (const a of section.querySelectorAll('a.cell')) {
    a.tabIndex = a.hash === '#' + id ? 0 : -1 // one stop for Tab in a table; the arrow keys do the rest
    if (a.hash === '#' + id) a.setAttribute('aria-current', 'true')
  }
  shown = panel
  if (focus) {
    panel.focus({ preventScroll: true })
    panel.scrollIntoView({ block: 'start' })
  }
}

// step goes to a step of an example; -1 shows it whole.
function step(example, to) {
  const steps = [...example.querySelectorAll('.story > .step')]
  const where = example.querySelector('.where')
  if (where.dataset.whole === undefined) where.dataset.whole = where.textContent
  to = Math.max(-1, Math.min(steps.length - 1, to))
  example.dataset.at = to
  example.classList.toggle('stepping', to >= 0)
  steps.forEach((s, i) => {
    s.classList.toggle('past', i < to)
    s.classList.toggle('now', i === to)
    if (i === to) s.setAttribute('aria-current', 'step')
    else s.removeAttribute('aria-current')
  })
  where.textContent = to < 0 ? where.dataset.whole : `step ${to + 1} of ${steps.length}`
  example.querySelector('.prev').disabled = to < 0
  example.querySelector('.next').disabled = to === steps.length - 1
  if (to >= 0) steps[to].scrollIntoView({ block: 'nearest' })
}

const at = (example) => Number(example.dataset.at ?? -1)

for (const example of document.querySelectorAll('.example')) {
  example.querySelector('.prev').addEventListener('click', () => step(example, at(example) - 1))
  example.querySelector('.next').addEventListener('click', () => step(example, at(example) + 1))
  example.querySelector('.prev').disabled = true
}
for (const section of sections) {
  show(section.dataset.first, false)
  section.querySelector('.showall').addEventListener('change', (e) => section.classList.toggle('every', e.target.checked))
  section.addEventListener('click', (e) => {
    const cell = e.target.closest('a.cell')
    if (!cell) return
    e.preventDefault()
    history.replaceState(null, '', cell.hash)
    show(cell.hash.slice(1), true)
  })
}
if (sections.length) show(sections[0].dataset.first, false)
if (location.hash) show(location.hash.slice(1), true)
addEventListener('hashchange', () => show(location.hash.slice(1), true))

// current is the example that the arrow keys move: the one with the focus, or the
// first of the panel shown last.
function current() {
  const focused = document.activeElement?.closest('.example')
  return focused || (document.activeElement?.closest('.panel') || shown)?.querySelector('.example')
}

// between moves the focus among the cells of a matrix.
function between(cell, key) {
  const row = cell.closest('tr')
  const index = [...row.querySelectorAll('a.cell')].indexOf(cell)
  if (key === 'ArrowLeft' || key === 'ArrowRight') return row.querySelectorAll('a.cell')[index + (key === 'ArrowRight' ? 1 : -1)]
  const other = key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling
  return other?.querySelectorAll('a.cell')[index]
}

addEventListener('keydown', (e) => {
  if (e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return
  const cell = document.activeElement?.closest('a.cell')
  if (cell && e.key.startsWith('Arrow')) {
    e.preventDefault()
    between(cell, e.key)?.focus()
    return
  }
  const example = current()
  if (!example) return
  const last = example.querySelectorAll('.story > .step').length - 1
  const to = { ArrowRight: at(example) + 1, ArrowLeft: at(example) - 1, Home: 0, End: last, Escape: -1 }[e.key]
  const inside = document.activeElement?.closest('.example') || at(example) >= 0
  if (to === undefined || (e.key !== 'ArrowRight' && !inside) || (to === -1 && at(example) === -1)) return
  e.preventDefault()
  step(example, to)
})
