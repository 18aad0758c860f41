package command

import "testing"

func TestHeadroomPercent(t *testing.T) {
	for _, row := range []struct {
		name  string
		alive uint64
		want  int
	}{
		{"nothing yet", 0, 100},
		{"an idle program has Go's own head room", 4 << 20, 100},
		{"a little more has the least", 32 << 20, 50},
		{"a full memory has a sixteenth", 1 << 30, 6},
		{"however full", 64 << 30, 6},
	} {
		if got := headroomPercent(row.alive); got != row.want {
			t.Errorf("%s: %d bytes alive: %d %%, want %d %%", row.name, row.alive, got, row.want)
		}
	}
}
