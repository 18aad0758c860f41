package front

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// pair is our server and net/http's, with the same handler.
type pair struct {
	ours, theirs     *channelListener
	seenOurs, seenIt *witness
}

func newPair(t testing.TB) *pair {
	p := &pair{newChannelListener(), newChannelListener(), newWitness(), newWitness()}

	serveOn(t, &Server{Hitter: p.seenOurs, Handler: p.seenOurs, ErrorLog: quiet}, p.ours)
	s := &http.Server{Handler: p.seenIt, ErrorLog: quiet, DisableGeneralOptionsHandler: true}
	go s.Serve(p.theirs)
	t.Cleanup(func() { s.Close() })
	return p
}

func play(l *channelListener, w *witness, pieces ...[]byte) (requests, offered []seen, output string) {
	c := newScripted(pieces...)
	l.conns <- c
	<-c.closed
	requests, offered = w.take(c.name)
	return requests, offered, c.output()
}

// check plays the same bytes to both servers. Ours may stop earlier; what it
// accepts, it must see as net/http does.
func (p *pair) check(t *testing.T, stream []byte, cut int) {
	t.Helper()
	got, offered, _ := play(p.ours, p.seenOurs, stream)
	want, _, _ := play(p.theirs, p.seenIt, stream)
	for i, g := range got {
		if i >= len(want) {
			t.Fatalf("stream %q\nrequest %d was accepted, net/http refuses it: %+v", stream, i, g)
		}
		if cut := i == len(got)-1 && g.Body != want[i].Body && !strings.HasSuffix(g.Body, " <nil>"); cut {
			ours, theirs := data(g.Body), data(want[i].Body)
			if !strings.HasPrefix(theirs, ours) {
				t.Fatalf("stream %q\nrequest %d has the body %s, net/http has %s", stream, i, g.Body, want[i].Body)
			}
			g.Body = want[i].Body // a body that we stop in says why in other words
		}
		if !reflect.DeepEqual(g, want[i]) {
			t.Fatalf("stream %q\nrequest %d\n got %+v\nwant %+v", stream, i, g, want[i])
		}
	}
	for i, o := range offered {
		g := got[i]
		g.Path = g.URI[:len(o.Path)]
		g.RawPath, g.Proto, g.Body, g.Close, g.Length = "", "", "", false, 0
		if !reflect.DeepEqual(o, g) {
			t.Fatalf("stream %q\nrequest %d\nthe Hitter saw  %+v\nthe Handler saw %+v", stream, i, o, g)
		}
	}
	again, _, _ := play(p.ours, p.seenOurs, stream[:cut], stream[cut:])
	if !reflect.DeepEqual(got, again) {
		t.Fatalf("stream %q\nwhole:         %+v\ncut after %d: %+v", stream, got, cut, again)
	}
}

// data is what was read of a body.
func data(body string) string {
	quoted, _ := strconv.QuotedPrefix(body)
	s, _ := strconv.Unquote(quoted)
	return s
}

// FuzzAgainstNetHTTP: whatever a connection carries, we accept no request that
// net/http refuses, see the others as it does, and do not depend on how the bytes
// are cut into segments.
func FuzzAgainstNetHTTP(f *testing.F) {
	for _, s := range sound {
		f.Add([]byte(s), uint16(len(s)/2))
		f.Add([]byte(s+s), uint16(len(s)+1))
	}
	for _, row := range malformed {
		f.Add([]byte(row.stream), uint16(3))
		f.Add([]byte(sound[0]+row.stream+sound[0]), uint16(7))
		f.Add([]byte(behind[0]+row.stream+sound[0]), uint16(9))
	}
	for _, s := range behind {
		f.Add([]byte(s+sound[0]), uint16(len(s)))
		f.Add([]byte(s+s), uint16(len(s)/2))
	}
	p := newPair(f)
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16) {
		p.check(t, stream, min(int(cut), len(stream)))
	})
}

// behind are requests that net/http has, so that it reads what is behind them, too.
// The first ones are in order.
var behind = []string{
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\nA \t\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\r\n",
	"POST /p HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
	"GET /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\rX\r\nx\r\n0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\nx\r\n0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: y\n\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX : y\r\n z\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n-0\r\n\r\n",
	"POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
}

// TestBehindABody: what net/http sees of requests and of those behind them is what it
// would see without us, and does not depend on how the bytes are cut.
func TestBehindABody(t *testing.T) {
	p := newPair(t)
	for _, s := range behind {
		for _, next := range []string{sound[0], behind[0]} {
			stream := s + next
			for cut := range len(stream) {
				p.check(t, []byte(stream), cut)
			}
		}
	}
	for _, s := range behind[:4] {
		if got, _, _ := play(p.ours, p.seenOurs, []byte(s+s+sound[0])); len(got) != 3 {
			t.Errorf("stream %q\n got %+v\nwant 3 requests", s+s+sound[0], got)
		}
	}
}

// sound are streams that both servers accept.
var sound = []string{
	"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
	"GET /a%20b/../c//d?x=1&y=%zz#f HTTP/1.1\r\nhost: example.com:8080\r\nACCEPT: */*\r\nx-a:1\r\nX-A:  2 \t\r\nx-A:\r\n\r\n",
	"HEAD /h?? HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
	"HEAD /h? HTTP/1.1\r\nHost: e\r\nConnection: te, Close ,x\r\n\r\n",
	"OPTIONS //a HTTP/1.1\r\nHost: a_b\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET http://other/x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
	"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	"BREW /\xff\x80 HTTP/1.1\r\nHost: a\r\nX: \xe4\r\n\r\n",
	"GET /long HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: b=2\r\nCookie: c=3\r\nCookie: d=4\r\nIf-None-Match: \"x\"\r\nif-none-match: \"y\"\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
