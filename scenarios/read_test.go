package scenarios

import (
	"errors"
	"strings"
	"testing"
)

const good = `name: a story
source: somewhere
rows: [TTL-03]
distribution:
  defaultCacheBehavior: {origin: web, policy: {minTTL: 0s}}
origins:
  web:
    - on: GET /a
      reply: {body: hello}
steps:
  - get: /a
    expect: {result: Miss}
`

// A mistake is told with file, line, setting and the line itself, and nothing is
// guessed.
func TestReadIsStrict(t *testing.T) {
	rows := []struct {
		name     string
		old, new string // what is exchanged in a good story
		want     string
	}{
		{"unknown key", "source: somewhere", "source: somewhere\ncolour: red", "x.yaml:3: colour: is not known here, only name, source, rows,"},
		{"the line is shown", "source: somewhere", "source: somewhere\ncolour: red", "     3 | colour: red"},
		{"no name", "name: a story\n", "", "name is missing"},
		{"no source", "source: somewhere\n", "", "source is missing"},
		{"no rows", "rows: [TTL-03]", "rows: []", "x.yaml:3: rows: is empty"},
		{"no row id", "TTL-03", "ttl 3", `x.yaml:3: rows: "ttl 3" is no id of a ledger`},
		{"no step word", "- get: /a", "- fetch: /a", "x.yaml:11: steps[0]: no step begins so: get, head, post,"},
		{"two step words", "- get: /a", "- get: /a\n    head: /a", "a step does one thing, and this one has get already"},
		{"a key of another step", "- get: /a", "- advance: 3s", "x.yaml:12: steps[0].expect: is not known here, only advance"},
		{"no path", "- get: /a", "- get: a", `x.yaml:11: steps[0].get: is "a", want a path`},
		{"fractions of a second", "- get: /a", "- advance: 1500ms\n  - get: /a", "x.yaml:11: steps[0].advance:"},
		{"nothing moves", "- get: /a", "- advance: 0s\n  - get: /a", "x.yaml:11: steps[0].advance: moves nothing"},
		{"a wrong type", "expect: {result: Miss}", "expect: {result: [Miss]}", "x.yaml:12: steps[0].expect.result: is a list, want text"},
		{"text for a number", "expect: {result: Miss}", "expect: {status: '200'}", `x.yaml:12: steps[0].expect.status: is "200", want a whole number`},
		{"out of range", "expect: {result: Miss}", "expect: {status: 20}", "is 20, want 100 to 599"},
		{"an empty expectation", "expect: {result: Miss}", "expect: {}", "x.yaml:12: steps[0].expect: expects nothing"},
		{"a story that asserts nothing", "\n    expect: {result: Miss}", "", "the story asserts nothing"},
		{"others of one", "expect: {result: Miss}", "expect: {result: Miss, others: {result: Hit}}", "there are others only with together"},
		{"a visitor together", "- get: /a", "- get: /a\n    as: alice\n    together: 3", "a visitor does one thing at a time"},
		{"more leave than come", "- get: /a", "- get: /a\n    together: 3\n    leaves: 4", "is 4, want 1 to 3"},
		{"no such edge location", "- get: /a", "- get: /a\n    pop: 2", "there is no edge location 2, only 1: edge: {pops: 2}"},
		{"no regional cache", "- get: /a", "- forget: /a\n    at: regional\n  - get: /a", "there is no regional edge cache"},
		{"no such origin to break", "- get: /a", "- break: db\n  - get: /a", `x.yaml:11: break: there is no origin "db"`},
		{"mended but whole", "- get: /a", "- mend: web\n  - get: /a", "x.yaml:11: mend: web is not broken"},
		{"no such fault", "- get: /a", "- break: web\n    how: tired\n  - get: /a", `is "tired", want one of down, slow, cut, short`},
		{"a request line", "on: GET /a", "on: /a", `x.yaml:8: origins.web[0].on: is "/a", want a method and a path`},
		{"a star in a script", "on: GET /a", "on: GET /a*", "ends with *, which only rules may"},
		{"no reply", "\n      reply: {body: hello}", "", "x.yaml:8: origins.web[0]: reply is missing"},
		{"a reply's key", "{body: hello}", "{bdy: hello}", "origins.web[0].reply.bdy: is not known here"},
		{"a distribution's key", "minTTL", "minTL", "x.yaml:5: distribution.defaultCacheBehavior.policy.minTL: unknown setting"},
		{"an origin nobody scripted", "distribution:", "distribution:\n  origins: {db: {domain: db.example.com}}", "origins: db is missing"},
		{"a key given twice", "source: somewhere", "source: somewhere\nname: another", "x.yaml:3:"},
		{"two documents", "name: a story", "name: a story\n---\nname: b", "a second document"},
		{"no YAML", "rows: [TTL-03]", "rows: [TTL-03", "x.yaml:"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if !strings.Contains(good, r.old) {
				t.Fatalf("nothing to exchange: %q", r.old)
			}
			_, err := Read("x.yaml", []byte(strings.Replace(good, r.old, r.new, 1)))
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v\nwant %s", err, r.want)
			}
		})
	}
	if _, err := Read("x.yaml", []byte(good)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A line that is shown moves no cursor and fills no screen; a duration that is none is
// one mistake.
func TestMistakesAreOfOneLine(t *testing.T) {
	for _, r := range []struct{ name, old, new, want string }{
		{"an escape", "source: somewhere", "colour: \x1b[2J", "x.yaml:2: colour: is not known here, only name, source, rows, edge, origins, distribution, steps\n     2 | colour: ·[2J"},
		{"a long line", "source: somewhere", "colour: " + strings.Repeat("é", 500), "     2 | colour: " + strings.Repeat("é", maxShownLine-len("colour: ")) + "…"},
		{"no duration", "- get: /a", "- advance: -5s\n  - get: /a", "x.yaml:11: steps[0].advance: \"-5s\" is not a duration: it is negative; want whole seconds, or units like 60s, 24h, 365d\n    11 |   - advance: -5s"},
		{"no path", "- get: /a", "- invalidate: {}\n  - get: /a", "x.yaml:11: steps[0].invalidate: is a map, want text or a list\n    11 |   - invalidate: {}"},
	} {
		_, err := Read("x.yaml", []byte(strings.Replace(good, r.old, r.new, 1)))
		if r.old == "source: somewhere" { // which is missing, too
			if err == nil || !strings.HasSuffix(err.Error(), r.want) {
				t.Errorf("%s: got\n%v\nwant at the end\n%s", r.name, err, r.want)
			}
		} else if err == nil || err.Error() != r.want {
			t.Errorf("%s: got\n%v\nwant\n%s", r.name, err, r.want)
		}
	}
	if _, err := Read("x.yaml", []byte("\ufeff"+good)); err != nil {
		t.Errorf("with a byte order mark: %v", err)
	}
}

func TestReadTellsAllMistakesInOrder(t *testing.T) {
	text := strings.NewReplacer("source: somewhere", "sauce: somewhere", "get: /a", "get: a").Replace(good)
	_, err := Read("x.yaml", []byte(text))
	var first *Error
	if !errors.As(err, &first) || first.Line != 1 && first.Path != "" {
		t.Fatalf("got %v", err)
	}
	at := func(s string) int { return strings.Index(err.Error(), s) }
	if at("source is missing") < 0 || at("sauce") < at("source is missing") || at("steps[0].get") < at("sauce") {
		t.Errorf("got %v", err)
	}
}

func TestBoundsOnFiles(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"too large", strings.Repeat("#", maxFileBytes+1), "are more than the 32768 that are read"},
		{"empty", "", "is empty"},
		{"a comment only", "# nothing\n", "is empty"},
		{"no map", "[1, 2]", "is a list, want a map"},
		{"many brackets", strings.Repeat("[", 65), "is nested more than 64 levels deep"},
		{"many lists", strings.Repeat("- ", 65), "is nested more than 64 levels deep"},
		{"no text", "name: \xff\x00", "x.yaml: is not UTF-8"},
		{"an alias", "name: &a x\nsource: *a\n", "has no meaning here"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if _, err := Read("x.yaml", []byte(r.text)); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v, want %s", err, r.want)
			}
		})
	}
}

func TestNamesAreUnique(t *testing.T) {
	a, _ := Read("a.yaml", []byte(good))
	b, _ := Read("b.yaml", []byte(strings.Replace(good, "a story", "A Story", 1)))
	if err := Unique([]*Scenario{a, b}); err == nil || !strings.Contains(err.Error(), "b.yaml: name: \"A Story\" is the name of the story in a.yaml, too") {
		t.Errorf("got %v", err)
	}
}

// Whatever a file holds, reading ends, and with an error unless it is a story.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add("a: &x [*x]")
	f.Add("steps:\n  - get: /\n  - {get: /, expect: {header: {A: null}}}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read("x.yaml", []byte(text))
		if err == nil && (s.Name == "" || len(s.Steps) == 0 || s.Distribution == nil) {
			t.Errorf("read as a story: %+v", s)
		}
	})
}
