package front

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// leastRate is what a viewer has to send of a body, or to take of an answer, in the
// long run: bytes a second. Ours, as Apache's mod_reqtimeout has it by default:
// CloudFront does not document its own.
const leastRate = 500

var errSlow = errors.New("front: the viewer sends his body too slowly")

// patience is for how long a viewer may keep us waiting. It is used up by waiting,
// and restored by bytes: so neither a viewer who has stopped nor one who trickles
// lasts longer than most of it, and one with leastRate lasts for ever.
//
// Both are 0 where there is patience for ever.
type patience struct{ left, most time.Duration }

func newPatience(most time.Duration) patience { return patience{most, most} }

// waited takes note of n bytes that it took so long to get.
func (p *patience) waited(d time.Duration, n int) {
	back := p.most // as many bytes as restore all of it might not fit into a Duration
	if int64(n) < leastBytes(p.most) {
		back = time.Duration(n) * time.Second / leastRate
	}
	p.left = min(p.most, max(time.Millisecond, p.left-d)+back)
}

// leastBytes is what leastRate is in d.
func leastBytes(d time.Duration) int64 { return int64(d * leastRate / time.Second) }

// bounded bounds the time that the bodies of net/http's requests may take. Without,
// net/http waits for ever: ReadTimeout would be for large bodies, too.
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.bodyTimeout() <= 0 || r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		b := &plainBody{ReadCloser: r.Body, deadline: http.NewResponseController(w).SetReadDeadline, patience: newPatience(s.bodyTimeout())}
		b.deadline(time.Now().Add(b.left))
		ours := *r // net/http looks at the body of its own
		ours.Body = b
		next.ServeHTTP(w, &ours)
		switch {
		case b.slow:
			panic(http.ErrAbortHandler)
		case b.end == nil: // net/http is about to read the rest, or some of it
			b.deadline(time.Now().Add(b.left))
		}
	})
}

// plainBody is the body of a request that net/http has. Its deadline is always set
// while bytes may come, as net/http reads it, too; but not when they have, since
// net/http then waits for the viewer to leave, and takes the deadline away for that.
type plainBody struct {
	io.ReadCloser
	deadline func(time.Time) error
	patience
	end  error // what the last Read said, once it was not nil
	slow bool
}

// Read waits for bytes as long as there is patience.
func (b *plainBody) Read(p []byte) (int, error) {
	if b.end != nil {
		return 0, b.end
	}
	began := time.Now()
	b.deadline(began.Add(b.left))
	n, err := b.ReadCloser.Read(p)
	b.waited(time.Since(began), n)
	if err != nil && timedOut(err) {
		b.slow, err = true, errSlow
	}
	b.end = err
	return n, err
}
