export const text='part of mysite-1.1';
