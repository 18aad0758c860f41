package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

// maxRanges is how many ranges one request may ask for; with more it gets the
// whole object. The number is ours: CloudFront's is not known (unknown 16).
const maxRanges = 64

// cutToParts makes a a 206 with several ranges of its body, as
// multipart/byteranges. id is the request's. RFC 9110 §14.6; unknown 16
func (a *answer) cutToParts(ranges []byteRange, size int64, head bool, id string) {
	contentType := ""
	if v := a.header["Content-Type"]; len(v) > 0 {
		contentType = v[0]
	}
	var length counter
	sum := sha256.Sum256([]byte(id))
	boundary := hex.EncodeToString(sum[:30]) // law 1: the same for the same seed
	writeParts(&length, boundary, contentType, ranges, size, nil)
	a.status, a.length = http.StatusPartialContent, int64(length)
	a.header["Content-Type"] = []string{"multipart/byteranges; boundary=" + boundary}
	delete(a.header, "Content-Length")
	body, ok := a.body.(io.ReadSeekCloser)
	if head || !ok {
		return
	}
	pr, pw := io.Pipe()
	// Ends when all is read, or with the first write after the viewer closed pr.
	go func() { pw.CloseWithError(writeParts(pw, boundary, contentType, ranges, size, body)) }()
	a.body = bothClosed{pr, body}
}

// writeParts writes the parts and, unless body is nil, what is in them; else it
// counts their bytes.
func writeParts(w io.Writer, boundary, contentType string, ranges []byteRange, size int64, body io.ReadSeeker) error {
	mw := multipart.NewWriter(w)
	if err := mw.SetBoundary(boundary); err != nil {
		return err
	}
	for _, r := range ranges {
		h := textproto.MIMEHeader{"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", r.first, r.last, size)}}
		if contentType != "" {
			h.Set("Content-Type", contentType)
		}
		part, err := mw.CreatePart(h)
		if err != nil {
			return err
		}
		if body == nil {
			*w.(*counter) += counter(r.last - r.first + 1)
			continue
		}
		if _, err := body.Seek(r.first, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(part, body, r.last-r.first+1); err != nil {
			return err
		}
	}
	return mw.Close()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// bothClosed is the reading end of a pipe and what feeds it.
type bothClosed struct {
	*io.PipeReader
	source io.Closer
}

func (b bothClosed) Close() error {
	b.PipeReader.Close()
	return b.source.Close()
}
