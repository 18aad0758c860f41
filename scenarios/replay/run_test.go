package replay

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

var (
	update = flag.Bool("update", false, "write testdata/golden.txt anew")
	every  = flag.Bool("every", false, "play every counterexample of the matrix")
)

// proved are golden traces in their files, which tests may change as they like.
var proved = map[string][]byte{}

func golden1(t *testing.T, name string) Story {
	t.Helper()
	if proved[name] == nil {
		s, ok, err := Golden(context.Background(), name)
		if err != nil || !ok {
			t.Fatalf("%s: %v", name, err)
		}
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		proved[name] = b.Bytes()
	}
	s, err := Read(bytes.NewReader(proved[name]))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, s Story, o Options) Result {
	t.Helper()
	r, err := Run(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGoldenTraces plays T1 to T18 on every level and compares
// the outcomes with the committed table.
func TestGoldenTraces(t *testing.T) {
	const file = "testdata/golden.txt"
	known, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-13s|%-8s|%-8s|%-8s|%-8s\n", "trace", " events", " values", " edge", " sockets")
	for _, name := range GoldenNames() {
		s := golden1(t, name)
		r := run(t, s, Options{})
		fmt.Fprintf(&table, "%-13s| %-7s", name, fmt.Sprintf("%d+%d", s.Trace.Count, s.Trace.Landings))
		for _, l := range r.Levels {
			fmt.Fprintf(&table, "| %-7s", l.Outcome)
			if l.Outcome != Agrees {
				t.Errorf("%s on %s: %s: %s", name, l.Level, l.Outcome, l.Why)
			}
		}
		table.WriteByte('\n')
	}
	if *update {
		if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table.String() != string(known) {
		t.Errorf("not as in %s; -update writes it anew:\n%s", file, table.String())
	}
}

// TestDiffers tells the same stories with one thing changed: every level notices.
func TestDiffers(t *testing.T) {
	last := func(s *Story) *prove.Event { return &s.Trace.Events[len(s.Trace.Events)-1] }
	rows := []struct {
		name   string
		trace  string
		change func(s *Story)
		want   string
	}{
		{"other bytes in the end", "T1", func(s *Story) { last(s).Body = last(s).Body[:4] + "0000" }, "was given"},
		{"another status in the end", "T9", func(s *Story) { last(s).Status = 200 }, "was given 404"},
		{"the servers answer instead of the cache", "T3", func(s *Story) { last(s).From = "origin" }, "from cache"},
		{"the cache answers instead of the browser", "T11", func(s *Story) { last(s).From = "edge" }, "from browser"},
		{"another server is asked", "T1", func(s *Story) { s.Trace.Events[2].Server = "s1" }, "event 3: v1 was given 200 build 2"},
		{"late fills are dropped", "T6", func(s *Story) {
			for i := range s.Deploy.CDN.Behaviors {
				s.Deploy.CDN.Behaviors[i].Terms.Emulation.KeepLateFills = false
			}
		}, "was given 200 build 2 from servers"},
		{"the query is in the key", "T3-query", func(s *Story) { s.Deploy.CDN = prove.K(1) }, "was given 200 build 2 from servers"},
		{"nothing is evicted", "T12", func(s *Story) {
			for i, e := range s.Trace.Events {
				if e.Kind == prove.Evicted {
					s.Trace.Events = append(s.Trace.Events[:i:i], s.Trace.Events[i+1:]...)
					return
				}
			}
		}, "was given"},
		{"another violation", "T1", func(s *Story) { s.Class = prove.Ahead }, "the violation does not show: S1 AHEAD"},
		{"the passing one", "T1", func(s *Story) { s.Sticky = false }, "the violation does not show"},
		{"honest validators", "T14", func(s *Story) { s.Deploy.CDN.Origin.Validator = prove.ByBytes }, "was given 200 build 2"},
		{"regional first", "T8", func(s *Story) {
			steps := s.Deploy.Mode.Steps
			steps[1].Tier, steps[2].Tier = steps[2].Tier, steps[1].Tier
		}, "was given"},
	}
	for _, row := range rows {
		for _, l := range []Level{Values, Edge, Sockets} {
			t.Run(row.name+", "+string(l), func(t *testing.T) {
				s := golden1(t, row.trace)
				row.change(&s)
				got := run(t, s, Options{Levels: []Level{l}})
				if got.Agreed() || got.Levels[0].Outcome != Differs || !strings.Contains(got.Levels[0].Why, row.want) {
					t.Errorf("%s: %q, want %q", got.Levels[0].Outcome, got.Levels[0].Why, row.want)
				}
			})
		}
	}
}

// TestMatrix plays every fifth counterexample of K2, K4 and K5, of each property, on
// an edge, and with -every all 3,339 of K1 to K7.
func TestMatrix(t *testing.T) {
	seen, cannot := 0, map[string]int{}
	grids := []int{2, 4, 5}
	if *every {
		grids = []int{1, 2, 3, 4, 5, 6, 7}
	}
	for _, n := range grids {
		of := prove.Deploy{Visitors: prove.KVisitors(n)}
		for i, row := range prove.Matrix(context.Background(), prove.K(n), of, nil, nil, prove.Bounds{}, nil).Cells {
			for j, c := range row {
				d := of
				d.CDN, d.Strategy, d.Mode = prove.K(n), prove.Strategies()[i], prove.Modes()[j]
				for _, v := range c.Verdicts {
					if v.Status != prove.Refuted || v.Property == prove.Settling {
						continue
					}
					if seen++; !*every && seen%5 > 0 {
						continue
					}
					s := Of("", d, v)
					switch l := run(t, s, Options{Levels: []Level{Edge}}).Levels[0]; l.Outcome {
					case Differs:
						t.Errorf("K%d %s / %s, %s %s sticky=%v: %s", n, c.Strategy, c.Mode, v.Property, v.Class, v.Sticky, l.Why)
					case Cannot:
						cannot[l.Why]++
					}
				}
			}
		}
	}
	if seen < 1000 || len(cannot) > 0 {
		t.Errorf("%d counterexamples, of which there is no way to play %v", seen, cannot)
	}
}

// TestFile reads what was written, and writes the same again. All that is played here
// has been through its file.
func TestFile(t *testing.T) {
	for _, name := range GoldenNames() {
		s := golden1(t, name)
		var again bytes.Buffer
		if err := s.Write(&again); err != nil || again.String() != string(proved[name]) {
			t.Errorf("%s: read and written again it is another file: %v", name, err)
		}
	}
}

// TestFileMistakes has files that are refused, and how.
func TestFileMistakes(t *testing.T) {
	s := golden1(t, "T3")
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	rows := []struct{ name, old, new, want string }{
		{"another schema", Schema, "staleproof-trace-9", `schema: "staleproof-trace-9", want "staleproof-trace-1"`},
		{"an unknown field", `"sticky"`, `"stikcy"`, `line 6: unknown field "stikcy"`},
		{"a field twice", `"sticky"`, `"name": "again", "sticky"`, `line 6: "name" is given twice`},
		{"a field twice, deep", `"n": 1,`, `"n": 1, "n": 1,`, `"n" is given twice`},
		{"text for a number", `"n": 1`, `"n": "1"`, "a string where int is wanted"},
		{"no JSON", "{", "<html>", "line 1: invalid character '<'"},
		{"cut", text[len(text)/2:], "", "the file ends in the middle"},
		{"more after it", "\n}\n", "\n}\n{}\n", "there is more after the trace"},
		{"an unknown property", `"property": "S1"`, `"property": "S9"`, `property: there is no "S9"`},
		{"another class", `"class": "STALE"`, `"class": "TORN"`, `class: "TORN", but the last event's violation is "STALE"`},
		{"a mode without steps", `"do": "put"`, `"do": "push"`, `no act "push"`},
		{"an unknown visitor", `"visitor": "fresh"`, `"visitor": "ghost"`, `no kind "ghost"`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(strings.Replace(text, r.old, r.new, 1)))
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("%v, want %q", err, r.want)
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		if _, err := Read(strings.NewReader(text + strings.Repeat(" ", MaxFileBytes))); err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Error(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":"staleproof-trace-1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := Read(bytes.NewReader(text)); err == nil && s.Check() != nil {
			t.Error("read, and then wrong")
		}
	})
}
