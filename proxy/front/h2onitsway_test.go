package front

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/net/http2"
)

// TestHTTP2OnTheirWay: who is answered before he has sent all his body is not sent away
// for what he had sent by then, with trailers or without. RFC 9113 §5.1
func TestHTTP2OnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})})
		defer v.end()
		var writes sync.WaitGroup // one after the other
		for i := range uint32(5) {
			writes.Go(func() { v.ask(4*i+1, false, ":method: POST", ":path: /") })
			v.next()
			if f, ok := v.next().(*http2.RSTStreamFrame); !ok || f.ErrCode != http2.ErrCodeNo {
				t.Fatalf("got %v, want NO_ERROR", f)
			}
			writes.Wait()
			writes.Go(func() {
				for range h2Resets / 2 {
					v.WriteData(4*i+1, false, []byte("x"))
				}
				v.say(4*i+1, true, "x: y")
				v.ask(4*i+3, true, ":path: /")
			})
			if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.StreamID != 4*i+3 {
				t.Fatalf("got %v, want the next answer", f)
			}
			writes.Wait()
		}
	})
}

// TestHTTP2NotOnItsWay: what is wrong in any case is so on a stream that was reset, too, and
// nothing is on its way on one that the viewer has ended as well. RFC 9113 §5.1
func TestHTTP2NotOnItsWay(t *testing.T) {
	for _, row := range []struct {
		name string
		says func(v *h2Viewer)
		want http2.ErrCode
	}{
		{"trailers that do not end it", func(v *h2Viewer) { v.say(1, false, "x: y") }, http2.ErrCodeProtocol},
		{"a pseudo-header field in trailers", func(v *h2Viewer) { v.say(1, true, ":path: /") }, http2.ErrCodeProtocol},
		{"DATA behind a reset", func(v *h2Viewer) {
			v.WriteRSTStream(1, http2.ErrCodeCancel)
			v.WriteData(1, false, []byte("x"))
		}, http2.ErrCodeStreamClosed},
		{"DATA behind the end of the body", func(v *h2Viewer) {
			v.WriteData(1, true, nil)
			v.WriteData(1, false, []byte("x"))
		}, http2.ErrCodeStreamClosed},
		{"DATA behind trailers", func(v *h2Viewer) {
			v.say(1, true, "x: y")
			v.WriteData(1, false, []byte("x"))
		}, http2.ErrCodeStreamClosed},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})})
				defer v.end()
				var writes sync.WaitGroup
				writes.Go(func() { v.ask(1, false, ":method: POST", ":path: /") })
				v.next()
				v.next()
				writes.Wait()
				writes.Go(func() {
					row.says(v)
					v.ask(3, true, ":path: /")
				})
				if f, ok := v.next().(*http2.RSTStreamFrame); !ok || f.ErrCode != row.want {
					t.Errorf("got %v, want %v", f, row.want)
				}
				writes.Wait()
			})
		})
	}
}

// TestHTTP2NotDecoded: a header block that was not decoded, and a window of a stream that
// nobody has opened, end the connection. RFC 9113 §4.3, §6.2, §5.1
func TestHTTP2NotDecoded(t *testing.T) {
	for _, row := range []struct {
		name  string
		frame []byte
	}{
		{"more padding than there are bytes", appendFrame(nil, 2, http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders, 1)},
		{"a window that does not grow", appendFrame(nil, 4, http2.FrameWindowUpdate, 0, 7)},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Handler: miss})
				defer v.end()
				n := int(row.frame[2])
				go v.conn.Write(append(row.frame, []byte{9, 0, 0, 0}[:n]...))
				if f, ok := v.next().(*http2.GoAwayFrame); !ok || f.ErrCode != http2.ErrCodeProtocol || f.LastStreamID != 0 {
					t.Errorf("got %v, want GOAWAY with PROTOCOL_ERROR", f)
				}
			})
		})
	}
}
