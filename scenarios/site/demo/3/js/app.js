// Skerry Light, script last changed in build 3: says which release each part of the page is of.
import { greeting, madeIn } from './greeting.js'

const picture = document.querySelector('#picture')
if (!picture.complete) await new Promise((done) => picture.addEventListener('load', done, { once: true }))

const given = {
  style: getComputedStyle(document.documentElement).getPropertyValue('--made-in').trim() || 'none',
  picture: String(picture.naturalWidth - 640), // the picture of build n is 640 + n pixels wide
  script: '3',
  greeting: madeIn,
}
let wrong = 0
for (const row of document.querySelectorAll('tr[data-part]')) {
  const [wants, got] = row.querySelectorAll('td')
  got.textContent = given[row.dataset.part]
  const same = wants.textContent === got.textContent
  got.textContent += same ? ' ✓' : ' ✗ of another release'
  row.classList.toggle('wrong', !same)
  if (!same) wrong++
}
const sum = document.querySelector('#sum')
sum.textContent = wrong ? `${wrong} of 4 parts are of another release than this page.` : `${greeting} Everything here is of one release.`
sum.classList.toggle('wrong', wrong > 0)
