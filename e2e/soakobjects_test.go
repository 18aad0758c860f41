package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// objects are what the soak's origin has: numbered, each with a version that only
// grows, and with bytes that follow from both.
type objects struct {
	known []object // those that are asked for again and again

	mu     sync.Mutex // protects what follows
	random *rand.Rand // which requests fail
	failed map[string]int
	asked  int
}

// object is one of them. An answer that was asked for when sure was s has at least
// version s: an older one is wrong.
type object struct {
	version atomic.Uint64 // what the origin has
	sure    atomic.Uint64 // of this version an invalidation has told the edge
}

func newObjects(n int, seed uint64) *objects {
	return &objects{known: make([]object, n), random: rand.New(rand.NewPCG(seed, 1)), failed: map[string]int{}}
}

// version is the newest there is.
func (o *objects) version(n int) uint64 {
	if n < len(o.known) {
		return o.known[n].version.Load()
	}
	return 0 // those beyond are asked for once
}

func (o *objects) sure(n int) uint64 {
	if n < len(o.known) {
		return o.known[n].sure.Load()
	}
	return 0
}

// objectBytes is how long object n is: most are small, some are not.
func objectBytes(n int) int64 {
	switch {
	case n%50 == 7:
		return 2<<20 + int64(n)
	case n%10 == 3:
		return 200<<10 + int64(n)
	}
	return int64(n*37%20_000) + 1
}

// content are an object's bytes.
type content struct {
	n       int
	version uint64
	at      int64
}

// fill makes the bytes that begin at offset at.
func (c content) fill(p []byte, at int64) {
	var word [8]byte
	for i := 0; i < len(p); {
		k := uint64(at) + uint64(i)
		x := k/8 + uint64(c.n)<<36 + c.version<<20
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9 // splitmix64
		x = (x ^ x>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(word[:], x^x>>31)
		i += copy(p[i:], word[k%8:])
	}
}

func (c *content) Read(p []byte) (int, error) {
	left := objectBytes(c.n) - c.at
	if left <= 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), left)]
	c.fill(p, c.at)
	c.at += int64(len(p))
	return len(p), nil
}

func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		c.at = offset
	case io.SeekCurrent:
		c.at += offset
	case io.SeekEnd:
		c.at = objectBytes(c.n) + offset
	}
	return c.at, nil
}

// differs reports where got is not what the content has from at on; -1: nowhere.
func (c content) differs(got []byte, at int64) int64 {
	want := make([]byte, len(got))
	c.fill(want, at)
	if bytes.Equal(got, want) {
		return -1
	}
	for i := range got {
		if got[i] != want[i] {
			return at + int64(i)
		}
	}
	return -1
}

// fault says what goes wrong with this request: one in a hundred.
func (o *objects) fault() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	if o.random.IntN(100) != 0 {
		return ""
	}
	kind := []string{"500", "reset", "reset in the body", "stall"}[o.random.IntN(4)]
	o.failed[kind]++
	return kind
}

// soakStall is longer than the response timeout that the edge is told.
const soakStall = 3 * time.Second

func (o *objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := o.fault()
	switch kind {
	case "500":
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	case "reset":
		hangUp(w, "")
		return
	case "reset in the body":
		hangUp(w, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nX-Fault: cut\r\nCache-Control: max-age=60\r\n\r\n"+strings.Repeat("x", 50_000))
		return
	case "stall":
		select {
		case <-time.After(soakStall):
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body) // first: Go's server gives up a body when it is answered
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Write(body)
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/o/"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	v := o.version(n)
	h := w.Header()
	h.Set("X-Version", strconv.FormatUint(v, 10))
	h.Set("Etag", fmt.Sprintf(`"%d-%d"`, n, v))
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Cache-Control", []string{"max-age=2", "max-age=3600", "no-store", "max-age=60"}[n%4])
	c := &content{n: n, version: v}
	if n%7 == 5 && r.Header.Get("Range") == "" && r.Header.Get("If-None-Match") == "" { // in chunks
		if r.Method == http.MethodGet {
			http.NewResponseController(w).Flush()
			io.Copy(w, struct{ io.Reader }{c})
		}
		return
	}
	http.ServeContent(w, r, "", time.Time{}, c)
}

// hangUp says something and resets the connection.
func hangUp(w http.ResponseWriter, first string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // HTTP/1.1 of net/http lets itself be hijacked
	}
	io.WriteString(conn, first)
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// check says what is wrong with an answer to a request for object n that was sent when
// version sure had been made known; nil: nothing, or that it is an error or was cut, as
// answers with faulty origins may.
func (o *objects) check(n int, sure uint64, res *http.Response, at int64, body []byte, whole bool) error {
	if res.Header.Get("X-Fault") != "" { // who wants no body, or not all of it, cannot tell
		if age, _ := strconv.Atoi(res.Header.Get("Age")); whole || age > int(soakStall.Seconds()) { // who joined may wait
			return fmt.Errorf("a body that was cut by the origin was given as a whole, or kept for %d s: %d bytes", age, len(body))
		}
		return nil
	}
	v, err := strconv.ParseUint(res.Header.Get("X-Version"), 10, 64)
	if err != nil {
		return fmt.Errorf("version: %w", err)
	}
	if newest := o.version(n); v < sure || v > newest {
		return fmt.Errorf("version %d, want %d to %d", v, sure, newest)
	}
	if tag := fmt.Sprintf(`"%d-%d"`, n, v); res.Header.Get("Etag") != tag {
		return fmt.Errorf("ETag %s, want %s", res.Header.Get("Etag"), tag)
	}
	if i := (content{n: n, version: v}).differs(body, at); i >= 0 {
		return fmt.Errorf("version %d: byte %d differs", v, i)
	}
	if whole && at+int64(len(body)) != objectBytes(n) {
		return fmt.Errorf("version %d: %d bytes from %d, want up to %d", v, len(body), at, objectBytes(n))
	}
	return nil
}
