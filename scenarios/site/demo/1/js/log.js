// Only in builds 1 and 2, and loaded when asked for.
export const entries = [
  'Dusk. Lamp lit, wind north-west four.',
  'Midnight. A trawler close in, answered the horn.',
  'Four o’clock. Fog to the east, none here.',
]
