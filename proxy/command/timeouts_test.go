package command

import (
	"testing"
	"time"
)

func TestParseTimeouts(t *testing.T) {
	for _, row := range []struct {
		name  string
		words []string
		want  timeouts
		wrong bool
	}{
		{"none", nil, timeouts{}, false},
		{"one", []string{"idle=5s"}, timeouts{idle: 5 * time.Second}, false},
		{"all", []string{"idle=1s", "head=2s", "body=3m", "write=24h"}, timeouts{time.Second, 2 * time.Second, 3 * time.Minute, 24 * time.Hour}, false},
		{"an unknown one", []string{"foot=5s"}, timeouts{}, true},
		{"without a name", []string{"5s"}, timeouts{}, true},
		{"without a duration", []string{"idle"}, timeouts{}, true},
		{"none at all", []string{"idle=0s"}, timeouts{}, true},
		{"too long", []string{"idle=2d"}, timeouts{}, true},
	} {
		got, err := parseTimeouts(row.words)
		if (err != nil) != row.wrong || !row.wrong && got != row.want {
			t.Errorf("%s: %q: got %v %v, want %v, an error: %t", row.name, row.words, got, err, row.want, row.wrong)
		}
	}
}
