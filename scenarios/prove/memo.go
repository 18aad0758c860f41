package prove

// memo remembers what belongs to two numbers, both counted from zero and few: a map would
// do, and takes longer than what is looked up.
type memo[T any] [][]T

// at is where what belongs to i and j is kept, the zero value at first.
func (m *memo[T]) at(i, j int) *T {
	for i >= len(*m) {
		*m = append(*m, nil)
	}
	row := &(*m)[i]
	for j >= len(*row) {
		var none T
		*row = append(*row, none)
	}
	return &(*row)[j]
}
