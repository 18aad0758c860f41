package front

import (
	"bufio"
	"fmt"

	"io"
	"log"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// giveHeader gives its header away where it can.
func giveHeader(w http.ResponseWriter, r *http.Request) {
	h := http.Header{"X-A": {"1"}, "Content-Length": {"4"}}
	if t, ok := w.(HeaderTaker); ok {
		t.TakeHeader(h)
	} else {
		maps.Copy(w.Header(), h)
	}
	w.Header().Set("X-B", "2")
	io.WriteString(w, "body")
}

var quiet = log.New(io.Discard, "", 0)

var dateField = regexp.MustCompile(`Date: [^\r]*\r\n`)

func dateless(s string) string { return dateField.ReplaceAllString(s, "") }

// handlers are what a Handler may do with its ResponseWriter.
var handlers = []struct {
	name   string
	handle func(w http.ResponseWriter, r *http.Request)
}{
	{"nothing", func(w http.ResponseWriter, r *http.Request) {}},
	{"a short body", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") }},
	{"a body of just the size that still gets a length", writeBytes(autoLength)},
	{"a body of one byte more", writeBytes(autoLength + 1)},
	{"a body that is large at once", writeBytes(100 << 10)},
	{"small pieces that become large", func(w http.ResponseWriter, r *http.Request) {
		for range 1000 {
			io.WriteString(w, strings.Repeat("piece ", 20))
		}
	}},
	{"a small piece and a large one", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "%PDF-")
		w.Write(large)
	}},
	{"a declared length", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		w.Write(large)
	}},
	{"a declared length, streamed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		for b := range slices.Chunk(large, 5000) {
			w.Write(b)
		}
	}},
	{"a header given away", giveHeader},
	{"more than was declared", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		_, err := io.WriteString(w, "abc")
		_, err2 := io.WriteString(w, "d")
		if err != nil || err2 != http.ErrContentLength {
			panic("wrong errors")
		}
	}},
	{"204", status(204)},
	{"304", status(304)},
	{"404", status(404)},
	{"an unknown status", status(299)},
	{"a body where none is allowed", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(304)
		if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
			panic("wrong error")
		}
	}},
	{"flush before anything", func(w http.ResponseWriter, r *http.Request) {
		flush(w)
		io.WriteString(w, "after")
	}},
	{"flush in between", func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			io.WriteString(w, "piece")
			flush(w)
			flush(w)
		}
	}},
	{"a change of the header that comes too late", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("A", "1")
		w.WriteHeader(200)
		w.Header().Set("A", "2")
		w.Header().Set("Content-Type", "x/y")
	}},
	{"a second status", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(404)
		w.WriteHeader(500)
	}},
	{"no type and no date", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		w.Header()["Date"] = nil
		io.WriteString(w, "<html>")
	}},
	{"an encoded body is not sniffed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, "<html>")
	}},
	{"its own type and date", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "x/y")
		w.Header().Set("Date", "Tue, 24 Nov 2026 00:00:00 GMT")
		io.WriteString(w, "<html>")
	}},
	{"many fields", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["B"] = []string{"2", "1"}
		w.Header()["a"] = []string{"\r\nInjected: 1"}
		w.Header()["No Token"] = []string{"x"}
		w.Header()["Zz"] = []string{" trimmed "}
	}},
	{"transfer coding of its own", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		w.WriteHeader(200)
		w.Write(large)
	}},
	{"early hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(103)
		w.WriteHeader(200)
		io.WriteString(w, "x")
	}},
	{"close", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "x")
	}},
	{"keep-alive of its own", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "keep-alive")
		io.WriteString(w, "x")
	}},
	{"less than was declared", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "abc")
	}},
	{"abort before anything", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "abc")
		panic(http.ErrAbortHandler)
	}},
	{"abort after a flush", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "abc")
		flush(w)
		panic(http.ErrAbortHandler)
	}},
	{"abort after a flush and more", func(w http.ResponseWriter, r *http.Request) {
		flush(w)
		w.Write(large[:3000])
		panic(http.ErrAbortHandler)
	}},
	{"abort within a declared length", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		w.Write(large[:50000])
		flush(w)
		panic(http.ErrAbortHandler)
	}},
	{"a panic", func(w http.ResponseWriter, r *http.Request) { panic("as the test wants") }},
}

func writeBytes(n int) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		if m, err := w.Write(large[:n]); m != n || err != nil {
			panic(fmt.Sprint("wrote ", m, err))
		}
	}
}

func status(code int) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "0")
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("ETag", `"x"`)
		w.WriteHeader(code)
	}
}

func flush(w http.ResponseWriter) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(err)
	}
}

// reply is a response as a viewer sees it.
type reply struct {
	Status   string
	Header   http.Header
	Length   int64
	Coding   []string
	Close    bool
	Body     string
	BodyErr  string
	ParseErr string
}

// replies reads all responses in out.
func replies(out, method string) (all []reply) {
	r := bufio.NewReader(strings.NewReader(dateless(out)))
	for {
		if _, err := r.Peek(1); err != nil {
			return all
		}
		res, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return append(all, reply{ParseErr: err.Error()})
		}
		body, err := io.ReadAll(res.Body)
		one := reply{
			Status: res.Status, Header: res.Header, Length: res.ContentLength, Coding: res.TransferEncoding,
			Close: res.Close, Body: string(body),
		}
		if err != nil {
			one.BodyErr = err.Error()
		}
		all = append(all, one)
	}
}

// TestResponseIsNetHTTPs: whatever a Handler does, a viewer gets what net/http
// would send, and the connection goes on or ends as there.
func TestResponseIsNetHTTPs(t *testing.T) {
	for _, row := range handlers {
		h := http.HandlerFunc(row.handle)
		ours, theirs := newChannelListener(), newChannelListener()
		serveOn(t, &Server{Handler: h, ErrorLog: quiet}, ours)
		s := &http.Server{Handler: h, ErrorLog: quiet}
		go s.Serve(theirs)
		t.Cleanup(func() { s.Close() })
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(row.name+" "+method, func(t *testing.T) {
				request := method + " / HTTP/1.1\r\nHost: a\r\n\r\n"
				out := func(l *channelListener) string {
					c := newScripted([]byte(request + request))
					l.conns <- c
					<-c.closed
					return c.output()
				}
				got, want := out(ours), out(theirs)
				if g, w := replies(got, method), replies(want, method); !reflect.DeepEqual(g, w) {
					t.Errorf("\n got %.600q\nwant %.600q", got, want)
				}
				if strings.Count(got, "Date: ") != strings.Count(want, "Date: ") {
					t.Errorf("Date\n got %.600q\nwant %.600q", got, want)
				}
			})
		}
	}
}

// What appendFields writes is what net/http does, or nothing.
func TestFieldsAreNetHTTPs(t *testing.T) {
	many := http.Header{}
	for i := range 100 {
		many.Set(fmt.Sprintf("X-%d", i), "v")
	}
	for _, row := range []struct {
		name  string
		h     http.Header
		plain bool
	}{
		{"none", http.Header{}, true},
		{"sorted, more than one, empty, without a value", http.Header{"B": {"1", "2"}, "A": {""}, "C": nil}, true},
		{"hidden", http.Header{"Transfer-Encoding": {"chunked"}, "A": {"1"}}, true},
		{"not canonical", http.Header{"b": {"1"}, "A": {"1"}}, true},
		{"bytes that are no ASCII", http.Header{"A": {"\xe9"}}, true},
		{"a hundred", many, true},
		{"a name with a space", http.Header{"A": {"1"}, "B C": {"1"}}, false},
		{"a space before a value", http.Header{"A": {"1"}, "B": {" 1"}}, false},
		{"a tab behind a value", http.Header{"A": {"1"}, "B": {"1\t"}}, false},
		{"a line end in a value", http.Header{"A": {"1"}, "B": {"1\r\nC: 2"}}, false},
		{"a bare line end in a value", http.Header{"A": {"1"}, "B": {"1\nC: 2"}}, false},
	} {
		var want appender
		row.h.WriteSubset(&want, hidden)
		w := &response{pending: &pending{}}
		if plain := w.appendFields(row.h, hidden); plain != row.plain {
			t.Errorf("%s: %q is plain: %t, want %t", row.name, row.h, plain, row.plain)
		}
		if !row.plain {
			want = nil
		}
		if string(w.out) != string(want) {
			t.Errorf("%s: got %q, want %q", row.name, w.out, want)
		}
	}
}
