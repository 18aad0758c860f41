package proxy_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"staleproof/proxy"
	"staleproof/proxy/front"
	"staleproof/proxy/front/fronttest"
)

// throughFront is how the viewers of a world reach their edge: "" in the same
// process, "own" through our front, "net/http" through net/http alone. The conformance
// run sets it, and has the answers written to the file that answersTo names.
var (
	throughFront = os.Getenv("STALEPROOF_FRONT")
	answersTo    = os.Getenv("STALEPROOF_ANSWERS")
)

func viewers(t *testing.T, e *proxy.Edge) http.RoundTripper {
	t.Helper()
	switch throughFront {
	case "":
		return e
	case "own", "net/http":
		return fronttest.RoundTripper(t, &front.Server{
			Hitter: e, Handler: e, Refuse: e.Refuse, NetHTTP: throughFront == "net/http", ErrorLog: log.New(io.Discard, "", 0),
		})
	}
	t.Fatalf("STALEPROOF_FRONT is %q, want own or net/http", throughFront)
	return nil
}

var recording sync.Mutex

// record appends an answer to the file of answers, as one line.
func record(t *testing.T, r *http.Request, g got) {
	t.Helper()
	if answersTo == "" {
		return
	}
	var b strings.Builder
	g.header.Write(&b)
	said := ids.ReplaceAllString(strings.ReplaceAll(b.String(), "\r\n", "\n")+"\n"+g.body, "${1}${2}${3}${4}${5}*")
	recording.Lock()
	defer recording.Unlock()
	f, err := os.OpenFile(answersTo, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "%q %s %s: %d %q cut: %t\n", t.Name(), r.Method, r.URL, g.status, said, g.err != nil)
}
