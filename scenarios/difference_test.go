package scenarios

import (
	"fmt"
	"strings"
)

// difference shows where two reports begin to differ, with what comes before it;
// "" if they do not.
func difference(a, b string) string {
	if a == b {
		return ""
	}
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			before := as[max(0, i-25):i]
			return fmt.Sprintf("%s\n< %s\n> %s", strings.Join(before, "\n"), as[i], bs[i])
		}
	}
	return fmt.Sprintf("one is longer: %d and %d lines", len(as), len(bs))
}
