//go:build race

package prove

// raced: the race detector is on.
const raced = true
