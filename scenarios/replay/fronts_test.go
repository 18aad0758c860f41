package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"staleproof/scenarios"
	"staleproof/scenarios/prove"
)

// heard is everything on loopback, and writes down the heads that visitors get.
type heard struct {
	*sockets
	mu   sync.Mutex
	said []string // guarded by mu
}

func (h *heard) reach(name string) http.RoundTripper {
	way := h.sockets.reach(name)
	return transport(func(r *http.Request) (*http.Response, error) {
		res, err := way.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		var head strings.Builder
		res.Header.Write(&head) // sorted
		h.mu.Lock()
		defer h.mu.Unlock()
		h.said = append(h.said, varies.ReplaceAllString(fmt.Sprintf("%s at %s: %s\n%s", r.URL, name, res.Status, head.String()), "$1*"))
		return res, nil
	})
}

// at is how many answers came from places of that name.
func (h *heard) at(name string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, said := range h.said {
		if _, after, _ := strings.Cut(said, " at "); strings.HasPrefix(after, name) {
			n++
		}
	}
	return n
}

// counted is how many answers the edges say that viewers were given.
func (st *stage) counted() (n int64) {
	for _, c := range st.network.Counts().Answers {
		if c.POP != "regional" {
			n += c.Count
		}
	}
	return n
}

func (h *heard) visitor(_ context.Context, st *stage, name string, kind prove.Kind, at string) (visitor, error) {
	if h.edges[at] == "" {
		return nil, inexpressible("no edge " + at)
	}
	return newHTTPVisitor(st, name, kind, h.reach(at))
}

// hear plays a story with the viewers behind a front. It gives what each visitor was
// given, event by event, the heads of all answers, and how many had which result for
// which reason; answers is how many there were.
func hear(t *testing.T, s *Story, netHTTP bool) (text string, answers int) {
	t.Helper()
	sockets := newSockets()
	sockets.netHTTP = netHTTP
	h := &heard{sockets: sockets}
	st, err := newStage(s, h)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range s.Trace.Events {
		e := &s.Trace.Events[i]
		got, err := st.do(t.Context(), e)
		if err == nil {
			err = differ(Told(e), got)
		}
		if err != nil {
			t.Errorf("net/http %v: event %d of %s: %v", netHTTP, i+1, s.Name, err)
		}
		fmt.Fprintf(&b, "%d: %+v\n", i+1, got)
	}
	st.origin.releaseAll() // what the trace leaves under way comes to its end, too
	for _, v := range st.visitors {
		v.(*httpVisitor).running.Wait()
	}
	gomega.NewWithT(t).Eventually(st.counted, "10s").Should(gomega.BeEquivalentTo(h.at("edge"))) // after the last byte
	counts, err := json.Marshal(st.network.Counts().Answers)
	if err := errors.Join(err, st.close()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(h.said) // those that land together come in any order
	b.WriteString(strings.Join(h.said, ""))
	b.Write(counts)
	// The origin's port makes the distribution's id.
	return strings.ReplaceAll(b.String(), st.dist.ID, "E"), len(h.said)
}

// varies is what the clock makes, and who is first of those that go on at once.
var varies = regexp.MustCompile(`((?:Date|Via|X-Amz-Cf-Id): )[^\n]*`)

// hearBoth plays a story through both fronts, and compares every byte but ids and dates,
// and of the bodies what they are.
func hearBoth(t *testing.T, s Story) (answers int) {
	t.Helper()
	ours, n := hear(t, &s, false)
	theirs, _ := hear(t, &s, true)
	if n == 0 || ours != theirs {
		a, b := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
		i := 0
		for i < min(len(a), len(b))-1 && a[i] == b[i] {
			i++
		}
		t.Errorf("%s: %d answers; through our front\n%s\nand in line %d through net/http\n%s", s.Name, n, strings.Join(a[:i+1], "\n"), i+1, b[i])
	}
	return n
}

// The golden traces go the same way through either front.
func TestGoldenTracesThroughFronts(t *testing.T) {
	for _, name := range GoldenNames() {
		t.Run(name, func(t *testing.T) { hearBoth(t, golden1(t, name)) })
	}
}

// So does every deploy file: what refutes it, and, since what is proved has no trace,
// visitors who come and go while it is done.
func TestDeploysThroughFronts(t *testing.T) {
	all, err := scenarios.Deploys()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			played := 0
			for _, v := range scenarios.Explore(t.Context(), d, nil).Verdicts {
				if v.Status == prove.Refuted {
					hearBoth(t, Of(d.Name, d.Prove, v))
					played++
				}
			}
			answers := 0
			for seed := range uint64(5) {
				answers += hearBoth(t, comeAndGo(t, d, seed))
			}
			t.Logf("%d counterexamples, and %d answers to those who came and went", played, answers)
			if answers < 20 {
				t.Error("that is too few")
			}
		})
	}
}

// comeAndGo is a deploy file's deploy with two visitors who ask at random.
func comeAndGo(t *testing.T, d *scenarios.Deploy, seed uint64) Story {
	t.Helper()
	kind := prove.Fresh
	if len(d.Prove.Visitors) > 0 {
		kind = d.Prove.Visitors[0]
	}
	visitors := []prove.Event{{Actor: "v1", Visitor: kind, Entry: "edge"}, {Actor: "v2", Visitor: kind, Entry: "edge"}}
	for i := range visitors {
		if n := len(d.Prove.Takes); n > 0 {
			visitors[i].Takes = d.Prove.Takes[i%n]
		}
	}
	p, err := prove.NewPlay(d.Prove, d.Bounds, visitors)
	if err != nil {
		t.Fatal(err)
	}
	builds, err := d.Prove.Files()
	if err != nil {
		t.Fatal(err)
	}
	s := Story{Name: fmt.Sprintf("%s, seed %d", d.Name, seed), Bounds: d.Bounds, Deploy: d.Prove}
	draw := rand.New(rand.NewPCG(seed, 0))
	for range 400 {
		e := visitors[draw.IntN(2)]
		e.Server = fmt.Sprintf("s%d", 1+draw.IntN(max(1, d.Prove.Servers)))
		files := builds[draw.IntN(len(builds))].Files
		f := &files[draw.IntN(len(files))]
		e.URL = urlOf(f)
		switch draw.IntN(8) {
		case 0:
			step := &d.Prove.Mode.Steps[draw.IntN(len(d.Prove.Mode.Steps))]
			e = prove.Event{Kind: prove.Deployed, Actor: "deploy", Step: step.Name}
		case 1, 2:
			e.Kind = prove.Navigated
		default:
			e.Kind = prove.Requested
		}
		if told, _, err := p.Do(e); err == nil { // else nobody could do that now
			s.Trace.Events = append(s.Trace.Events, told)
		}
	}
	return s
}
