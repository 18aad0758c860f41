package command

import (
	"maps"
	"testing"
	"time"

	"staleproof/cachepolicy"
)

func TestParseDelays(t *testing.T) {
	tests := []struct {
		name   string
		words  []string
		all    time.Duration
		single map[string]time.Duration
		wrong  bool
	}{
		{"none", nil, 0, nil, false},
		{"for all", []string{"5s"}, 5 * time.Second, nil, false},
		{"for some", []string{"5s", "regional=2s", "FRA56-P1=1m"}, 5 * time.Second, map[string]time.Duration{"regional": 2 * time.Second, "FRA56-P1": time.Minute}, false},
		{"no duration", []string{"soon"}, 0, nil, true},
		{"no duration for one", []string{"regional=soon"}, 0, nil, true},
		{"backwards", []string{"-5s"}, 0, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, single, err := parseDelays(tt.words)
			if (err != nil) != tt.wrong || all != tt.all || !maps.Equal(single, tt.single) {
				t.Errorf("%q: got %s %v %v, want %s %v", tt.words, all, single, err, tt.all, tt.single)
			}
		})
	}
}

func TestParseQuery(t *testing.T) {
	tests := []struct {
		text  string
		want  cachepolicy.SelectionMode
		names int
		wrong bool
	}{
		{"none", cachepolicy.None, 0, false},
		{"all", cachepolicy.All, 0, false},
		{"allow:v,w", cachepolicy.Only, 2, false},
		{"deny:x", cachepolicy.AllBut, 1, false},
		{"allow:", cachepolicy.None, 0, true},
		{"some", cachepolicy.None, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := parseQuery(tt.text)
			if (err != nil) != tt.wrong || got.Mode != tt.want || len(got.Names) != tt.names {
				t.Errorf("got %+v %v, want %s with %d names", got, err, tt.want, tt.names)
			}
		})
	}
}
