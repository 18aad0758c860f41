package replay

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
)

// encode is bytes in a content coding, as a compressed copy has them; "" is none.
func encode(text []byte, coding string) ([]byte, error) {
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "":
		return text, nil
	case "br":
		w = brotli.NewWriter(&b)
	case "gzip":
		w = gzip.NewWriter(&b)
	default:
		return nil, fmt.Errorf("there is no coding %q", coding)
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// decode is what encode was given, at most maxBody bytes.
func decode(body []byte, coding string) ([]byte, error) {
	var r io.Reader = bytes.NewReader(body)
	switch coding {
	case "":
		return body, nil
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	default:
		return nil, fmt.Errorf("there is no coding %q", coding)
	}
	return io.ReadAll(io.LimitReader(r, maxBody))
}
