package cachepolicy

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The parts random stories are made of. Few of each, so that they meet.
var (
	ttls       = rapid.SampledFrom([]int{0, 0, 1, 2, 5, 10, 60})
	words      = rapid.SampledFrom([]string{"a", "b", "c", "A", "a*", "$a", ""})
	directive  = rapid.SampledFrom([]string{"max-age=5", "max-age=0", "s-maxage=3", "max-age=99999", "no-cache", "no-store", "private", "public", "must-revalidate", "stale-while-revalidate=4", "stale-if-error=4", "stale-if-error=0", `no-cache="Set-Cookie"`, "max-age=x"})
	statuses   = rapid.SampledFrom([]int{200, 200, 200, 203, 204, 206, 301, 302, 304, 307, 308, 400, 403, 404, 410, 416, 429, 500, 501, 503})
	methods    = rapid.SampledFrom([]string{"GET", "GET", "GET", "HEAD", "OPTIONS", "POST"})
	selections = rapid.Custom(func(t *rapid.T) Selection {
		s := Selection{Mode: SelectionMode(rapid.IntRange(0, 3).Draw(t, "mode")), Wildcards: rapid.Bool().Draw(t, "wildcards")}
		if s.Mode == Only || s.Mode == AllBut {
			s.Names = rapid.SliceOfN(words, 1, 3).Draw(t, "names")
		}
		return s
	})
)

var someTerms = rapid.Custom(func(t *rapid.T) *Terms {
	bound := []int{ttls.Draw(t, "ttl"), ttls.Draw(t, "ttl"), ttls.Draw(t, "ttl")}
	slices.Sort(bound)
	terms := bounds(bound[0], bound[1], bound[2])
	terms.Policy.QueryStrings = selections.Draw(t, "query in the key")
	terms.OriginRequest.QueryStrings = selections.Draw(t, "query sent")
	if rapid.Bool().Draw(t, "cookies") {
		terms.Policy.Cookies = selections.Draw(t, "cookies in the key")
	}
	if rapid.Bool().Draw(t, "headers") {
		terms.Policy.Headers = only("X-A", "Host")
	}
	terms.Policy.Gzip, terms.Policy.Brotli = rapid.Bool().Draw(t, "gzip"), rapid.Bool().Draw(t, "brotli")
	terms.CachedOptions, terms.S3, terms.Legacy = rapid.Bool().Draw(t, "options"), rapid.Bool().Draw(t, "bucket"), rapid.Bool().Draw(t, "legacy")
	terms.ErrorTTL = errorTTL(500, ttls.Draw(t, "error TTL"))
	terms.TagHeader = "X-Tags"
	switches := reflect.ValueOf(&terms.Emulation).Elem()
	if rapid.Bool().Draw(t, "other readings") {
		for i := range switches.NumField() {
			switches.Field(i).SetBool(rapid.Bool().Draw(t, switches.Type().Field(i).Name))
		}
	}
	return &terms
})

var someRequest = rapid.Custom(func(t *rapid.T) *Request {
	r := &Request{Method: methods.Draw(t, "method"), Host: words.Draw(t, "host") + ".example", Header: http.Header{}}
	r.Path = "/" + words.Draw(t, "path")
	var params []string
	for range rapid.IntRange(0, 3).Draw(t, "parameters") {
		params = append(params, words.Draw(t, "name")+rapid.SampledFrom([]string{"", "=", "=1", "=2"}).Draw(t, "value"))
	}
	r.RawQuery = strings.Join(params, "&")
	for range rapid.IntRange(0, 2).Draw(t, "cookies") {
		r.Header.Add("Cookie", words.Draw(t, "name")+"="+words.Draw(t, "value")+"; "+words.Draw(t, "name")+"=1")
	}
	for _, name := range []string{"X-A", "X-B", "Accept-Encoding", "Cache-Control", "Range", "If-None-Match"} {
		for range rapid.IntRange(-2, 2).Draw(t, name) {
			r.Header.Add(name, rapid.SampledFrom([]string{"1", "2", "", "gzip", "br", "no-cache"}).Draw(t, "value"))
		}
	}
	return r
})

// someReply is what the origin says n seconds after noon.
func someReply(t *rapid.T, n int) Reply {
	h := http.Header{}
	if d := rapid.SliceOfN(directive, 0, 3).Draw(t, "directives"); len(d) > 0 {
		h.Set("Cache-Control", strings.Join(d, ", "))
	}
	for name, values := range map[string][]string{
		"Etag": {`"a"`}, "Last-Modified": {date(-99)}, "Vary": {"*", "X-A", "Accept-Encoding, X-B"}, "Age": {"0", "7", "x"},
		"Expires": {"0", date(n + 5), date(n - 5)}, "Date": {date(n), date(n - 3)}, "Set-Cookie": {"a=1"}, "X-Tags": {"a,B"}, "Connection": {"X-Hop"}, "X-Hop": {"1"},
	} {
		if i := rapid.IntRange(-2, len(values)-1).Draw(t, name); i >= 0 {
			h.Set(name, values[i])
		}
	}
	reply := Reply{Status: statuses.Draw(t, "status"), Header: h, Requested: after(n), Received: after(n)}
	if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
		reply.Status, reply.Header, reply.Err = 504, nil, errors.New("timeout")
	}
	return reply
}

// tell plays a random story for one key and calls see for each request in it,
// with what was stored before and after.
func tell(t *rapid.T, see func(terms *Terms, r *Request, pl Plan, at time.Time, before, now *Stored)) {
	terms := someTerms.Draw(t, "terms")
	var s *Stored
	at := 0
	for range rapid.IntRange(1, 12).Draw(t, "requests") {
		at += rapid.SampledFrom([]int{0, 1, 1, 3, 7, 30}).Draw(t, "later")
		r := &Request{Method: methods.Draw(t, "method"), Path: "/", Header: http.Header{}}
		pl := terms.Plan(r, s, after(at))
		before := s
		refresh := pl
		if pl.Action == ServeThenRevalidate {
			refresh = terms.PlanRefresh(s)
		}
		if pl.Action != Serve {
			if out := terms.Settle(r, refresh, someReply(t, at), "key", "/", 1); out.Store != nil {
				s = out.Store
			}
		}
		see(terms, r, pl, after(at), before, s)
	}
}

// Law 6.
func TestAgeNeverDecreases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var last *Stored
		var age time.Duration
		tell(t, func(_ *Terms, _ *Request, pl Plan, at time.Time, before, _ *Stored) {
			if pl.Stored == nil {
				return
			}
			if before == last && pl.Age < age {
				t.Fatalf("age %v after %v, of one stored response", pl.Age, age)
			}
			if pl.Age < 0 || pl.Age%time.Second != 0 || pl.Age != before.Age(at) {
				t.Fatalf("age %v, want whole seconds, those of the stored response", pl.Age)
			}
			last, age = before, pl.Age
		})
	})
}

// Law 7, first half: what the policy leaves out does not matter. The request is
// compared with one that has only what the policy picks.
func TestKeyLeavesOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, r := someTerms.Draw(t, "terms"), someRequest.Draw(t, "request")
		bare := picked(terms, r)
		if r.Method == "HEAD" || r.Method == "POST" {
			bare.Method = "GET"
		}
		if terms.Policy.Headers.Mode == None {
			bare.Host = "other.example"
		}
		if a, b := terms.Key(scope, r), terms.Key(scope, bare); a != b {
			t.Fatalf("%+v\n%+v\n%q\n%q: want one key", r, bare, a, b)
		}
	})
}

// Law 7, second half: what the policy picks does matter.
func TestKeyTellsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := someTerms.Draw(t, "terms")
		a, b := someRequest.Draw(t, "one"), someRequest.Draw(t, "other")
		alike(t, a, b)
		same := reflect.DeepEqual(essence(terms, a), essence(terms, b))
		if got := terms.Key(scope, a) == terms.Key(scope, b); got != same {
			t.Fatalf("%+v\n%+v\n%q\n%q: one key is %v, want %v", a, b, terms.Key(scope, a), terms.Key(scope, b), got, same)
		}
	})
}

// alike makes b mostly like a: two requests drawn apart hardly ever are one entry.
func alike(t *rapid.T, a, b *Request) {
	mostly := func(what string) bool { return rapid.IntRange(0, 9).Draw(t, "like: "+what) > 0 }
	if mostly("method") {
		b.Method = a.Method
	}
	if mostly("host") {
		b.Host = a.Host
	}
	if mostly("path") {
		b.Path = a.Path
	}
	if mostly("query") {
		b.RawQuery = a.RawQuery
	}
	for _, name := range []string{"X-A", "Cookie", "Accept-Encoding"} {
		switch values, ok := a.Header[name]; {
		case !mostly(name):
		case ok:
			b.Header[name] = values
		default:
			delete(b.Header, name)
		}
	}
}

// picked is r without all that the policy leaves out.
func picked(t *Terms, r *Request) *Request {
	bare := &Request{Method: r.Method, Host: r.Host, Path: r.Path, Header: http.Header{}}
	bare.RawQuery = t.Policy.QueryStrings.Query(r.RawQuery)
	for _, name := range t.Policy.Headers.Names {
		if values, ok := r.Header[name]; ok {
			bare.Header[name] = values
		}
	}
	if t.Policy.Cookies.Mode != None {
		bare.Header["Cookie"] = []string{joinCookies(r.Header["Cookie"], t.Policy.Cookies.Picks)}
	}
	gzip, brotli := t.codings()
	if ae := acceptedEncodings(r.Header, gzip, brotli); ae != "" {
		bare.Header["Accept-Encoding"] = []string{ae}
	}
	return bare
}

// essence is what makes r what it is to the cache, worked out the slow way.
func essence(t *Terms, r *Request) map[string]any {
	e := map[string]any{"options": r.Method == "OPTIONS", "path": r.Path}
	var params []string
	for _, param := range strings.Split(r.RawQuery, "&") {
		name, _, _ := strings.Cut(param, "=")
		switch mode := t.Policy.QueryStrings.Mode; {
		case mode == All:
			params = append(params, param)
		case param != "" && t.Policy.QueryStrings.Picks(name):
			params = append(params, param)
		}
	}
	e["query"] = strings.Join(params, "&")
	if t.Policy.Headers.Mode == Only {
		value, ok := r.Header["X-A"]
		e["host"], e["has X-A"], e["X-A"] = r.Host, ok, strings.Join(value, ",")
	}
	if !t.S3 || !t.Emulation.BucketIgnoresCookies {
		cookies := map[string][]string{}
		for _, pair := range strings.Split(strings.Join(r.Header["Cookie"], ";"), ";") {
			name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
			if ok && name != "" && name[0] != '$' && t.Policy.Cookies.Picks(name) {
				cookies[name] = append(cookies[name], value)
			}
		}
		e["cookies"] = cookies
	}
	accepts := func(coding string) bool {
		return slices.Contains(r.Header["Accept-Encoding"], coding)
	}
	e["gzip"], e["br"] = (t.Policy.Gzip || t.Legacy) && accepts("gzip"), t.Policy.Brotli && accepts("br")
	if t.Legacy {
		e["br"] = !t.Emulation.LegacyGzipOnly && accepts("br")
	}
	return e
}

// Whoever shares the key of a response that the edge compressed accepts its coding.
// [AE-11], [CMP-01]
func TestCompressedIsAccepted(t *testing.T) {
	accept := rapid.SampledFrom([]string{"", "gzip", "br", "gzip, br", "deflate", "gzip;q=0, br"})
	rapid.Check(t, func(t *rapid.T) {
		terms, one := someTerms.Draw(t, "terms"), someRequest.Draw(t, "request")
		one.Method = http.MethodGet
		other := *one
		other.Header = one.Header.Clone()
		one.Header.Set("Accept-Encoding", accept.Draw(t, "one accepts"))
		other.Header.Set("Accept-Encoding", accept.Draw(t, "the other accepts"))
		plain := Reply{Status: 200, Header: http.Header{"Content-Type": {"text/css"}, "Content-Length": {"2000"}}}
		coding := terms.Compression(true, one, plain).Coding
		if coding == "" || terms.Key("d", one) != terms.Key("d", &other) {
			return
		}
		if taken := acceptedEncodings(other.Header, true, true); !slices.Contains(strings.Split(taken, ","), coding) {
			t.Fatalf("%s was compressed for %q, and goes to who accepts %q", coding, one.Header["Accept-Encoding"], other.Header["Accept-Encoding"])
		}
	})
}

// A lifetime that the origin asked for stays within the bounds.
func TestLifetimeIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, reply := someTerms.Draw(t, "terms"), someReply(t, 0)
		f := terms.Freshness(reply.Status, reply.Header, noon)
		d := parseDirectives(reply.Header)
		switch asked := d.asked().set || reply.Header["Expires"] != nil; {
		case f.Lifetime < 0:
			t.Fatalf("lifetime %v", f.Lifetime)
		case !asked || reply.Status >= 400 || f.Rule == RuleInterim || f.Rule == RuleRedirect || f.Rule == RuleDisabled:
		case f.Lifetime < terms.Policy.MinTTL || f.Lifetime > terms.Policy.MaxTTL:
			t.Fatalf("lifetime %v, bounds %v to %v", f.Lifetime, terms.Policy.MinTTL, terms.Policy.MaxTTL)
		}
	})
}

// Once a stored response is not fresh any more it never is again, and it is never
// served when MaxTTL has gone by since it came.
func TestPlanOnlyAges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		over := map[*Stored]bool{}
		tell(t, func(terms *Terms, r *Request, pl Plan, at time.Time, before, _ *Stored) {
			served := pl.Action == Serve || pl.Action == ServeThenRevalidate
			if pl.Why == Fresh && over[before] {
				t.Fatalf("fresh again at %v: %+v", at, before)
			}
			if before != nil && !before.Fresh(at) {
				over[before] = true
				if served && before.Status < 400 && at.Sub(before.Received) >= terms.Policy.MaxTTL {
					t.Fatalf("served %v after it came, maximum TTL is %v", at.Sub(before.Received), terms.Policy.MaxTTL)
				}
			}
			if served && (before.Head && r.Method != "HEAD" || !terms.cached(r.Method)) {
				t.Fatalf("%s served from %+v", r.Method, before)
			}
		})
	})
}

// Settle keeps nothing it should not, and changes nothing it was given.
func TestSettleKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, r, first := someTerms.Draw(t, "terms"), someRequest.Draw(t, "request"), someReply(t, 0)
		s := terms.Settle(r, Plan{Action: Fetch}, first, "key", "/", 1).Store
		at := rapid.IntRange(0, 70).Draw(t, "later")
		pl, reply := terms.Plan(r, s, after(at)), someReply(t, at)

		given := []any{clone(terms), clone(r), clone(s), clone(&reply)}
		out := terms.Settle(r, pl, reply, "key", "/", 2)
		terms.Plan(r, s, after(at))
		terms.Forward(r)
		if left := []any{terms, r, s, &reply}; !reflect.DeepEqual(left, given) {
			t.Fatalf("changed:\n%+v\n%+v", given, left)
		}
		switch kept := out.Store; {
		case kept == nil:
		case kept.Lifetime < 0, pl.Action == Pass, kept.Status == 304, kept.Status < 200:
			t.Fatalf("kept %+v after %v", kept, pl.Action)
		case out.Body == FromStore && kept.Status != s.Status:
			t.Fatalf("kept status %d of a stored %d", kept.Status, s.Status)
		case out.Body == FromStore && out.Result == Hit && !kept.QuietUntil.After(reply.Received):
			t.Fatalf("kept again for nothing: %+v", kept)
		case kept == s:
			t.Fatal("the stored response itself was kept again")
		}
		if out.Body == FromStore && (s == nil || s.Status >= 400) {
			t.Fatalf("an error answers for the origin: %+v", s)
		}
		if (out.Status >= 400) != (out.Result == Error) {
			t.Fatalf("status %d is %s", out.Status, out.Result) // [ERR-22]
		}
	})
}

// clone is a deep copy of what v points to.
func clone[T any](v *T) *T {
	if v == nil {
		return nil
	}
	c := deep(reflect.ValueOf(*v)).Interface().(T)
	return &c
}

func deep(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			c.Field(i).Set(deep(v.Field(i)))
		}
	case v.Kind() == reflect.Slice && !v.IsNil():
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(deep(v.Index(i)))
		}
	case v.Kind() == reflect.Map && !v.IsNil():
		c.Set(reflect.MakeMap(v.Type()))
		for key, value := range v.Seq2() {
			c.SetMapIndex(key, deep(value))
		}
	}
	return c
}
