package cachepolicy

import (
	"errors"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// noon is when every story begins.
var noon = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func after(n int) time.Time { return noon.Add(seconds(n)) }

// date is the HTTP date n seconds after noon.
func date(n int) string { return after(n).Format(http.TimeFormat) }

// header is made of names and values, in turn.
func header(nameValue ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(nameValue); i += 2 {
		h.Add(nameValue[i], nameValue[i+1])
	}
	return h
}

// req is a request from its first line, "GET /a?b=1", and headers.
func req(line string, nameValue ...string) *Request {
	method, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(target, "?")
	r := &Request{Method: method, Host: "www.example.com", Path: path, RawQuery: query, Header: header(nameValue...)}
	return r
}

// says is an origin's answer.
func says(status int, nameValue ...string) *Reply {
	return &Reply{Status: status, Header: header(nameValue...)}
}

// silent is an origin that does not answer; refuses one that cannot be reached.
var (
	silent  = &Reply{Status: http.StatusGatewayTimeout, Err: errors.New("timeout")}
	refuses = &Reply{Status: http.StatusBadGateway, Err: errors.New("connection refused")}
)

// lost stands for a viewer's request: all that is stored is evicted or invalidated.
var lost = req("")

// bounds are terms with the given bounds in seconds.
func bounds(minimum, def, maximum int) Terms {
	return Terms{Policy: Policy{MinTTL: seconds(minimum), DefaultTTL: seconds(def), MaxTTL: seconds(maximum)}}
}

// with is t changed.
func (t Terms) with(change func(t *Terms)) Terms {
	change(&t)
	return t
}

// under is t with one reading of a disputed row changed.
func (t Terms) under(change func(e *Emulation)) Terms {
	change(&t.Emulation)
	return t
}

func optimized() Terms { p, _ := ManagedPolicy("CachingOptimized"); return Terms{Policy: p} }

// step is one viewer request of a story.
type step struct {
	at     int      // seconds after noon
	in     *Request // nil: GET /
	origin *Reply   // what it says; nil: it must not be asked
	// want is result, status, "age n" when an Age is sent, "asked" with the
	// conditions when the origin was asked, "behind" when it is asked afterwards.
	want string
}

// story is a ledger row that takes more than one request to show.
type story struct {
	row   string
	terms Terms
	steps []step
}

func play(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.row, func(t *testing.T) {
			c := cache{terms: &s.terms, stored: map[string]*Stored{}}
			for i, step := range s.steps {
				in := step.in
				if in == nil {
					in = req("GET /")
				}
				if in == lost {
					clear(c.stored)
					continue
				}
				if got := c.answer(in, after(step.at), step.origin); got != step.want {
					t.Fatalf("step %d, %s %s at %d s:\n got %s\nwant %s", i+1, in.Method, in.Path, step.at, got, step.want)
				}
			}
		})
	}
}

// cache is the smallest cache there can be around the two questions. It refreshes
// behind at once, with the same origin.
type cache struct {
	terms  *Terms
	stored map[string]*Stored
}

func (c *cache) answer(r *Request, now time.Time, origin *Reply) string {
	key := c.terms.Key("d111111abcdef8.cloudfront.net", r).String()
	plan := c.terms.Plan(r, c.stored[key], now)
	switch plan.Action {
	case Serve:
		if origin != nil {
			return "the origin was not asked"
		}
		return told(servedResult(plan.Stored), plan.Stored.Status, plan.Age)
	case ServeThenRevalidate:
		if origin == nil {
			return "the origin was asked behind"
		}
		behind := c.terms.PlanRefresh(plan.Stored)
		c.settle(r, behind, *origin, key, now)
		return told(servedResult(plan.Stored), plan.Stored.Status, plan.Age) + " behind" + conditions(behind)
	}
	if origin == nil {
		return "the origin was asked"
	}
	out := c.settle(r, plan, *origin, key, now)
	age := time.Duration(-1)
	if out.Body == FromStore && out.Result == Hit {
		age = out.Age
	}
	return told(out.Result, out.Status, age) + " asked" + conditions(plan)
}

func (c *cache) settle(r *Request, plan Plan, reply Reply, key string, now time.Time) Outcome {
	reply.Requested, reply.Received = now, now
	out := c.terms.Settle(r, plan, reply, key, string(c.terms.AppendURI(nil, r)), 0)
	if out.Store != nil {
		c.stored[key] = out.Store
	}
	return out
}

// servedResult is the result of an answer from the store. [ERR-22]
func servedResult(s *Stored) Result {
	if s.Status >= 400 {
		return Error
	}
	return Hit
}

func told(result Result, status int, age time.Duration) string {
	text := string(result) + " " + strconv.Itoa(status)
	if age >= 0 {
		text += " age " + strconv.Itoa(int(age/time.Second))
	}
	return text
}

func conditions(pl Plan) string {
	if pl.Action != Revalidate {
		return ""
	}
	var names []string
	for name := range pl.Stored.Conditions() {
		names = append(names, name)
	}
	sort.Strings(names)
	return " " + strings.Join(names, " ")
}

// lifetime is a ledger row about how long one answer stays fresh.
type lifetime struct {
	row   string
	terms Terms
	reply *Reply
	want  int // seconds
	rule  Rule
}

// checkLifetimes puts each answer of the origin into a cache and asks again
// one second before its end, at its end, and one second after.
func checkLifetimes(t *testing.T, rows []lifetime) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.row, func(t *testing.T) {
			f := row.terms.Freshness(row.reply.Status, row.reply.Header, noon)
			if f.Lifetime != seconds(row.want) || f.Rule != row.rule {
				t.Errorf("%d %v\n got %v: %s\nwant %v: %s", row.reply.Status, row.reply.Header,
					f.Lifetime, f.Rule, seconds(row.want), row.rule)
			}
			c := cache{terms: &row.terms, stored: map[string]*Stored{}}
			c.answer(req("GET /"), noon, row.reply)
			if kept := len(c.stored) > 0; kept && row.reply.Status >= 400 && row.want == 0 {
				t.Error("an error that is never fresh is kept")
			}
			for _, at := range []int{row.want - 1, row.want, row.want + 1} {
				if at < 0 {
					continue
				}
				c := cache{terms: &row.terms, stored: map[string]*Stored{}}
				c.answer(req("GET /"), noon, row.reply)
				got := c.answer(req("GET /"), after(at), nil)
				if fresh := !strings.HasPrefix(got, "the origin was asked"); fresh != (at < row.want) {
					t.Errorf("%v, again after %d s: got %q; it is fresh for %d s", row.reply.Header, at, got, row.want)
				}
			}
		})
	}
}

// errorTTL is an error caching minimum TTL for one status, in seconds.
func errorTTL(status, ttl int) map[int]time.Duration {
	return map[int]time.Duration{status: seconds(ttl)}
}

// scope is a distribution's own domain name.
const scope = "d111111abcdef8.cloudfront.net"

// keys is a ledger row about two requests: are they one entry or two?
type keys struct {
	row   string
	terms Terms
	a, b  *Request
	one   bool
}

func checkKeys(t *testing.T, rows []keys) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.row, func(t *testing.T) {
			a, b := row.terms.Key(scope, row.a), row.terms.Key(scope, row.b)
			if (a.String() == b.String()) != row.one {
				t.Errorf("one entry: got %v, want %v\n%q\n%q", !row.one, row.one, a, b)
			}
			if (a.Hash() == b.Hash()) != row.one {
				t.Errorf("one hash: got %v, want %v", !row.one, row.one)
			}
		})
	}
}

// sent is a ledger row about what the origin is sent: "GET /a?b=1", then the
// viewer's Host if it is forwarded, then the header lines in order, without
// CloudFront's own User-Agent.
type sent struct {
	row   string
	terms Terms
	in    *Request
	want  string
}

func checkSent(t *testing.T, rows []sent) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.row, func(t *testing.T) {
			if got := sentText(&row.terms, row.in); got != row.want {
				t.Errorf("\n got %q\nwant %q", got, row.want)
			}
		})
	}
}

func sentText(t *Terms, in *Request) string {
	o := t.Forward(in)
	line := o.Method + " " + o.Path
	if o.RawQuery != "" {
		line += "?" + o.RawQuery
	}
	lines := []string{line}
	if o.Host != "" {
		lines = append(lines, "Host: "+o.Host)
	}
	for name, values := range o.Header {
		if name != "User-Agent" || values[0] != "Amazon CloudFront" {
			lines = append(lines, name+": "+strings.Join(values, "|"))
		}
	}
	sort.Strings(lines[1:])
	return strings.Join(lines, "\n")
}
