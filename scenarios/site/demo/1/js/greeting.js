// Last changed in build 1.
export const madeIn = '1'
export const greeting = 'Good evening.'
