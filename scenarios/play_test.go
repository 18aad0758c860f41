package scenarios

import (
	"context"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Read("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A story that does not go as it says fails, and says in what.
func TestStoriesThatFail(t *testing.T) {
	const head = `name: a story
source: somewhere
rows: [TTL-03]
distribution:
  defaultCacheBehavior: {origin: web, policy: {minTTL: 0s}}
`
	rows := []struct{ name, text, want string }{
		{"one request too many", `origins: {web: [{on: GET /a, reply: {body: hello}}]}
steps: [{get: /a, expect: {status: 200}}, {get: /b, expect: {fetched: 1}}]`, "origin web got one request too many: GET /b"},
		{"one too few", `origins: {web: [{on: GET /a, reply: {}}, {on: GET /b, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}]`, "x.yaml: origin web never got GET /b, which line 6 expects"},
		{"another one", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /b, expect: {fetched: 1}}]`, "origin web got GET /b, and line 6 expects GET /a"},
		{"no rule", `origins: {web: {rules: [{on: GET /a*, reply: {}}]}}
steps: [{get: /b, expect: {fetched: 1}}]`, "origin web has no rule for GET /b"},
		{"a header missing", `origins: {web: [{on: GET /a, with: {X-Token: "1"}, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}]`, `origin web, line 6: X-Token is "", want "1"`},
		{"a header too many", `origins: {web: [{on: GET /a, without: [Via], reply: {}}]}
steps: [{get: /a, expect: {status: 200}}]`, `origin web, line 6: Via is "1.1 `},
		{"status", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {status: 404}}]`, "status 200, want 404"},
		{"result", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {result: Hit}}]`, "result Miss (nothing stored for this key), want Hit"},
		{"reason", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {reason: fresh}}]`, `reason "nothing stored for this key", want "fresh"`},
		{"body", `origins: {web: [{on: GET /a, reply: {body: hello}}]}
steps: [{get: /a, expect: {body: goodbye}}]`, `body "hello", want "goodbye"`},
		{"header value", `origins: {web: [{on: GET /a, reply: {header: {X: "1"}}}]}
steps: [{get: /a, expect: {header: {X: "2"}}}]`, `header X is "1", want "2"`},
		{"header there", `origins: {web: [{on: GET /a, reply: {header: {X: "1"}}}]}
steps: [{get: /a, expect: {header: {X: null}}}]`, `header X is "1", want none`},
		{"header absent", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {header: {X: "2"}}}]`, `no header X, want "2"`},
		{"location", `origins: {web: [{on: GET /a, reply: {status: 302, header: {Location: /b}}}]}
steps: [{get: /a, expect: {location: /c}}]`, `header Location is "/b", want "/c"`},
		{"age", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {age: 0}}]`, "age none, want 0"},
		{"fetched", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {fetched: 0}}]`, "fetched 1, want 0"},
		{"a body that breaks off unsaid", `origins: {web: [{on: GET /a, reply: {body: hello}}]}
steps: [{break: web, how: cut}, {get: /a, expect: {status: 200}}]`, "the body broke off, want one that is whole"},
		{"a body that does not", `origins: {web: [{on: GET /a, reply: {body: hello}}]}
steps: [{get: /a, expect: {cut: true}}]`, "the body is whole, want one that broke off"},
		{"covered", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}, {invalidate: /b, expect: {covered: 1}}]`, "covered 0, want 1"},
		{"nothing to forget", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}, {forget: /b}]`, "nothing stored matches"},
		{"one of several", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, together: 3, expect: {result: Miss}}]`, "viewer 2: result Hit"},
		{"leaves too late", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}, {get: /a, leaves: 1, expect: {fetched: 0}}]`, "viewer 1 cannot leave: the answer was there already"},
		{"an invalidation that is none", `origins: {web: [{on: GET /a, reply: {}}]}
steps: [{get: /a, expect: {status: 200}}, {invalidate: a}]`, "does not begin with /"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			rep := Play(t.Context(), read(t, head+r.text), Options{})
			if rep.Passed() || !strings.Contains(rep.String(), r.want) || !strings.HasPrefix(rep.String(), "FAIL") {
				t.Errorf("got\n%s\nwant %s", rep.String(), r.want)
			}
		})
	}
}

// A story goes on until a step fails, and no further.
func TestPlayStopsAtTheFirstFailure(t *testing.T) {
	s := read(t, strings.Replace(good, "steps:", "steps:\n  - get: /b\n    expect: {status: 200}", 1))
	if rep := Play(t.Context(), s, Options{}); rep.Passed() || len(rep.Steps) != 1 {
		t.Errorf("%d steps were played:\n%s", len(rep.Steps), rep.String())
	}
}

// Who plays a story can stop it, and it does not hang.
func TestPlayEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if rep := Play(ctx, read(t, good), Options{}); rep.Passed() || !strings.Contains(rep.String(), "context canceled") {
		t.Errorf("got\n%s", rep.String())
	}
}

// Another seed gives other request ids and nothing else.
func TestSeed(t *testing.T) {
	s := read(t, good)
	a, b, c := Play(t.Context(), s, Options{}), Play(t.Context(), s, Options{Seed: "a story"}), Play(t.Context(), s, Options{Seed: "another"})
	if a.Verbose() != b.Verbose() {
		t.Error("the story's name is not its seed")
	}
	if a.Verbose() == c.Verbose() || a.String() != c.String() {
		t.Errorf("seeds do not matter, or matter too much: %s", difference(a.String(), c.String()))
	}
}

func TestClockMovesInWholeSecondsForward(t *testing.T) {
	var c Clock
	for _, d := range []time.Duration{1500 * time.Millisecond, -time.Hour, 0} {
		c.Advance(d)
	}
	if got, want := c.Now(), Start.Add(time.Second); !got.Equal(want) {
		t.Errorf("now %v, want %v", got, want)
	}
}
