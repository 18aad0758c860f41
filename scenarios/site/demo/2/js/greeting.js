// Last changed in build 2.
export const madeIn = '2'
export const greeting = 'Good morning.'
