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
		{"a little more has the least", 48 << 20, 50},
		{"a full memory has an eighth", 1 << 30, 12},
		{"however full", 64 << 30, 12},
	} {
		if got := headroomPercent(row.alive); got != row.want {
			t.Errorf("%s: %d bytes alive: %d %%, want %d %%", row.name, row.alive, got, row.want)
		}
	}
}
