//go:build !race

package prove

// raced: the race detector is off.
const raced = false
