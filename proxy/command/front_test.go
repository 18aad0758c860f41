package command

import "testing"

func TestParseFront(t *testing.T) {
	for _, row := range []struct {
		text           string
		netHTTP, wrong bool
	}{{"own", false, false}, {"net/http", true, false}, {"", false, true}, {"nginx", false, true}} {
		got, err := parseFront(row.text)
		if got != row.netHTTP || (err != nil) != row.wrong {
			t.Errorf("%q: got %t %v, want %t, an error: %t", row.text, got, err, row.netHTTP, row.wrong)
		}
	}
}
