package proxy

import (
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// applyConditions answers the viewer's own conditions, and his range when the
// whole response is stored. [COND-06], [RNG-01]
func (x *exchange) applyConditions(a *answer) {
	part := a.stored != nil && a.stored.Stored.Part != ""
	if a.status != http.StatusOK && !part || a.generated || x.page ||
		x.in.Method != http.MethodGet && x.in.Method != http.MethodHead {
		return
	}
	if notModified(x.req.Header, a.header) {
		a.notModified()
		return
	}
	spec := together(x.req.Header, "Range")
	if part || a.stored == nil || spec == "" || a.stored.Stored.Head || !ifRangeHolds(x.req.Header.Get("If-Range"), a.header) {
		return
	}
	size := a.length
	ranges, ok := parseRanges(spec, size)
	if ok && len(ranges) > 1 && x.rule.Terms.Emulation.FirstRangeOnly {
		ranges = ranges[:1]
	}
	switch {
	case !ok || len(ranges) > maxRanges:
	case len(ranges) == 0:
		x.unsatisfiable(a, size)
	case len(ranges) == 1:
		a.cutTo(ranges[0], size, x.in.Method == http.MethodHead)
	default:
		a.cutToParts(ranges, size, x.in.Method == http.MethodHead, x.id)
	}
}

// leaveBehind lets go of the body for an answer without it. What is under way for
// it goes on behind and is stored, as if the viewer had read it.
func (a *answer) leaveBehind() {
	if f := a.flight; f != nil && f.body != nil && a.left != nil {
		leave := a.left
		a.left = nil
		f.edge.background.Go(func() { f.drain(); leave() })
	}
	if a.body != nil {
		a.body.Close()
		a.body = nil
	}
}

// notModified turns a into a 304.
func (a *answer) notModified() {
	a.leaveBehind()
	a.status, a.length = http.StatusNotModified, -1
	for _, name := range [...]string{"Content-Type", "Content-Length", "Content-Encoding", "Content-Range"} {
		delete(a.header, name)
	}
}

// together is all that the lines of a field say. Two lines of Range are none that can be
// read: whoever reads the first and whoever reads the last would take them for different
// ranges. RFC 9110 §5.3
func together(h http.Header, name string) string {
	if lines := h[name]; len(lines) > 1 {
		return strings.Join(lines, ", ")
	}
	return h.Get(name)
}

// notModified reports whether the viewer's copy still holds: If-None-Match first,
// weakly compared [COND-08], and only without it If-Modified-Since. RFC 9110
// §13.2.2
func notModified(viewer, h http.Header) bool {
	if want := viewer["If-None-Match"]; len(want) > 0 {
		etag := h.Get("Etag")
		for _, line := range want {
			for tag := range strings.SplitSeq(line, ",") {
				tag = strings.TrimSpace(tag)
				if tag == "*" || etag != "" && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
					return true
				}
			}
		}
		return false
	}
	condition := viewer.Get("If-Modified-Since")
	if condition == "" {
		return false
	}
	since, err := http.ParseTime(condition)
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	return err == nil && !modified.After(since)
}

// ifRangeHolds reports whether a range still makes sense. RFC 9110 §13.1.5
func ifRangeHolds(condition string, h http.Header) bool {
	if condition == "" {
		return true
	}
	if strings.HasPrefix(condition, `"`) {
		return condition == h.Get("Etag")
	}
	want, err := http.ParseTime(condition)
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	return err == nil && modified.Equal(want.Truncate(time.Second))
}

// byteRange is first to last, both included.
type byteRange struct{ first, last int64 }

// parseRanges reads a Range header against a size. It is not ok, and the whole
// object is sent, when it is malformed, not ascending, or overlaps [RNG-05]. Ranges
// beyond the end are left out.
func parseRanges(spec string, size int64) ([]byteRange, bool) {
	list, ok := strings.CutPrefix(spec, "bytes=")
	if !ok {
		return nil, false
	}
	var ranges []byteRange
	for item := range strings.SplitSeq(list, ",") {
		from, to, ok := strings.Cut(textproto.TrimString(item), "-")
		if !ok {
			return nil, false
		}
		r, ok := parseRange(from, to, size)
		if !ok {
			return nil, false
		}
		if n := len(ranges); n > 0 && r.first <= ranges[n-1].last {
			return nil, false
		}
		if r.first < size {
			ranges = append(ranges, r)
		}
	}
	return ranges, true
}

func parseRange(from, to string, size int64) (byteRange, bool) {
	if from == "" { // the last so many
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n < 0 {
			return byteRange{}, false
		}
		if n == 0 {
			return byteRange{size, size}, true
		}
		return byteRange{max(0, size-n), size - 1}, true
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return byteRange{}, false
	}
	last := size - 1
	if to != "" {
		if last, err = strconv.ParseInt(to, 10, 64); err != nil || last < first {
			return byteRange{}, false
		}
	}
	return byteRange{first, min(last, max(size-1, first))}, true
}

// cutTo makes a a 206 with one range of its body.
func (a *answer) cutTo(r byteRange, size int64, head bool) {
	a.status, a.length = http.StatusPartialContent, r.last-r.first+1
	a.header["Content-Range"] = []string{"bytes " + itoa(r.first) + "-" + itoa(r.last) + "/" + itoa(size)}
	delete(a.header, "Content-Length")
	if head || a.body == nil {
		return
	}
	if s, ok := a.body.(io.Seeker); ok {
		if _, err := s.Seek(r.first, io.SeekStart); err != nil {
			return
		}
	}
	a.body = limitedBody{io.LimitReader(a.body, a.length), a.body}
}

type limitedBody struct {
	io.Reader
	io.Closer
}

// unsatisfiable makes a a 416. [ERR-10]
func (x *exchange) unsatisfiable(a *answer, size int64) {
	page := x.errorPage(http.StatusRequestedRangeNotSatisfiable, a.why, badRequest)
	page.header["Content-Range"] = []string{"bytes */" + itoa(size)}
	page.result = cachepolicy.Error
	a.close()
	*a = *page
}
