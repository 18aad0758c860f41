package fault

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestWhatASetRefuses(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	tests := []struct {
		name  string
		fault Fault
		want  string // the start of the error; "": taken
	}{
		{"a latency", Fault{Type: Latency, Attributes: Attributes{Latency: 5}}, ""},
		{"jitter alone", Fault{Type: Latency, Attributes: Attributes{Jitter: 5}}, ""},
		{"a latency of nothing", Fault{Type: Latency}, "attributes: latency: say how many"},
		{"no type", Fault{}, `type: "" is none of latency,`},
		{"an unknown type", Fault{Type: "slicer"}, `type: "slicer" is none of`},
		{"a name with a blank", Fault{Name: "a b", Type: Timeout}, `name: "a b"`},
		{"a name with a slash", Fault{Name: "a/b", Type: Timeout}, `name: "a/b"`},
		{"a long name", Fault{Name: long, Type: Timeout}, "name: "},
		{"toxicity above 1", Fault{Type: Timeout, Toxicity: 1.1}, "toxicity: 1.1"},
		{"toxicity below 0", Fault{Type: Timeout, Toxicity: -1}, "toxicity: -1"},
		{"toxicity that is no number", Fault{Type: Timeout, Toxicity: math.NaN()}, "toxicity: NaN"},
		{"times below 0", Fault{Type: Timeout, Times: -1}, "times: -1"},
		{"another type's attribute", Fault{Type: Timeout, Attributes: Attributes{Rate: 1}}, "attributes: timeout has no rate, only: timeout"},
		{"a day and more", Fault{Type: Timeout, Attributes: Attributes{Timeout: maxMillis + 1}}, "attributes: timeout: "},
		{"bytes below 0", Fault{Type: LimitData, Attributes: Attributes{Bytes: -1}}, "attributes: bytes: -1"},
		{"no rate", Fault{Type: Bandwidth}, "attributes: rate: "},
		{"no status", Fault{Type: Status}, "attributes: status: 0"},
		{"status 600", Fault{Type: Status, Attributes: Attributes{Status: 600}}, "attributes: status: 600"},
		{"status 599", Fault{Type: Status, Attributes: Attributes{Status: 599, Body: "x"}}, ""},
		{"a long body", Fault{Type: Status, Attributes: Attributes{Status: 500, Body: strings.Repeat("x", 64<<10+1)}}, "attributes: body: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Set
			_, err := s.Add(tt.fault)
			if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%+v: got %v, want %q", tt.fault, err, tt.want)
			}
			if s.Any() != (err == nil) {
				t.Errorf("%+v: a fault is set: %v", tt.fault, s.Any())
			}
		})
	}
}

func TestNames(t *testing.T) {
	var s Set
	var names []string
	for range 3 {
		added, err := s.Add(Fault{Type: Timeout})
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, added.Name)
	}
	if got := strings.Join(names, " "); got != "timeout timeout-2 timeout-3" {
		t.Errorf("names are %q", got)
	}
	if _, err := s.Add(Fault{Name: "timeout-2", Type: Timeout}); !errors.Is(err, ErrTaken) {
		t.Errorf("a name twice: %v", err)
	}
	if !s.Delete("timeout-2") || s.Delete("timeout-2") {
		t.Error("timeout-2 was not deleted, or twice")
	}
	if added, _ := s.Add(Fault{Type: Timeout}); added.Name != "timeout-2" {
		t.Errorf("the free name is not used again: %s", added.Name)
	}
	if n := s.Clear(); n != 3 || s.Any() || len(s.List()) != 0 {
		t.Errorf("%d cleared, %v left", n, s.List())
	}
}

func TestASetIsBounded(t *testing.T) {
	var s Set
	for i := range MaxFaults + 1 {
		if _, err := s.Add(Fault{Type: Timeout}); (err != nil) != (i == MaxFaults) || err != nil && !errors.Is(err, ErrTooMany) {
			t.Fatalf("fault %d: %v", i, err)
		}
	}
}

func TestChoosing(t *testing.T) {
	tests := []struct {
		name                       string
		fault                      Fault
		distribution, origin, path string
		want                       bool
	}{
		{"everything", Fault{}, "E1", "web", "/a", true},
		{"the origin", Fault{Origin: "web"}, "E1", "web", "/a", true},
		{"another origin", Fault{Origin: "api"}, "E1", "web", "/a", false},
		{"another distribution", Fault{Distribution: "E2", Origin: "web"}, "E1", "web", "/a", false},
		{"PATH-03: a pattern without slash", Fault{Path: "a/*"}, "E1", "web", "/a/b", true},
		{"a pattern", Fault{Path: "/a/*.js"}, "E1", "web", "/a/b.js", true},
		{"another path", Fault{Path: "/a/*.js"}, "E1", "web", "/a/b.css", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.fault.concerns(tt.distribution, tt.origin, tt.path); got != tt.want {
				t.Errorf("%+v for %s %s %s: got %v", tt.fault, tt.distribution, tt.origin, tt.path, got)
			}
		})
	}
}

// The same seed and name give the same draws; half of a thousand requests is not
// far from five hundred.
func TestToxicityIsSeeded(t *testing.T) {
	draws := func(seed string) (struck string) {
		var s Set
		if _, err := s.Add(Fault{Name: "x", Type: Latency, Toxicity: 0.5, Seed: seed, Attributes: Attributes{Jitter: 10}}); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for range 1000 {
			jitter, strikes := s.all()[0].strike()
			if jitter < -1 || jitter > 1 {
				t.Fatalf("a jitter of %v", jitter)
			}
			b.WriteByte(map[bool]byte{true: '1', false: '0'}[strikes])
		}
		return b.String()
	}
	one, again, other := draws("1"), draws("1"), draws("2")
	if one != again || one == other {
		t.Error("draws do not depend on the seed, or on more than the seed")
	}
	if n := strings.Count(one, "1"); n < 400 || n > 600 {
		t.Errorf("of 1000 requests %d were struck at a toxicity of 0.5", n)
	}
}
