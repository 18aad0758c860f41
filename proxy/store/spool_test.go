package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

func TestSpool(t *testing.T) {
	const text = "the quick brown fox jumps over the lazy dog"
	for _, limit := range []int64{1, 10, 1000, -1} {
		t.Run(fmt.Sprintf("limit %d: twenty readers get all of it as it grows, in memory or in a file", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewSpool(limit, t.TempDir())
				got := make([]string, 20)
				var wg sync.WaitGroup
				for i := range got {
					wg.Go(func() {
						r := s.NewReader(t.Context())
						defer r.Close()
						b, err := io.ReadAll(r)
						if err != nil {
							t.Error(err)
						}
						got[i] = string(b)
					})
				}
				for _, word := range strings.SplitAfter(text, " ") {
					synctest.Wait() // everybody has read what there is
					if _, err := s.Write([]byte(word)); err != nil {
						t.Fatal(err)
					}
				}
				body, err := s.Finish()
				if err != nil {
					t.Fatal(err)
				}
				wg.Wait()
				for i, g := range got {
					if g != text {
						t.Errorf("reader %d: got %q", i, g)
					}
				}
				if inFile := body.Bytes() == nil; inFile != (limit < int64(len(text))) || body.Len() != int64(len(text)) {
					t.Errorf("limit %d: in a file: %v, %d bytes", limit, inFile, body.Len())
				}
			})
		})
	}
	t.Run("a held piece is stored before it is seen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpool(0, "")
			s.Write([]byte("begin "))
			s.Hold([]byte("end"))
			seen := make(chan string, 2)
			go func() {
				r := s.NewReader(t.Context())
				defer r.Close()
				buf := make([]byte, 100)
				n, _ := r.Read(buf)
				seen <- string(buf[:n])
				rest, _ := io.ReadAll(r)
				seen <- string(rest)
			}()
			synctest.Wait()
			if body := s.Body(); string(body.Bytes()) != "begin end" {
				t.Errorf("the body is %q", body.Bytes())
			}
			if got := <-seen; got != "begin " {
				t.Errorf("before the end: got %q", got)
			}
			s.Finish()
			if got := <-seen; got != "end" {
				t.Errorf("after the end: got %q", got)
			}
		})
	})
	for _, limit := range []int64{1, 1000} {
		t.Run(fmt.Sprintf("limit %d, law 4: an aborted body ends with the error and leaves nothing", limit), func(t *testing.T) {
			dir := t.TempDir()
			s := NewSpool(limit, dir)
			r := s.NewReader(t.Context())
			s.Write([]byte("part"))
			cut := errors.New("cut")
			s.Abort(cut)
			b, err := io.ReadAll(r)
			if string(b) != "part" || !errors.Is(err, cut) {
				t.Errorf("got %q %v, want the part and the error", b, err)
			}
			r.Close()
			if body, err := s.Finish(); body != nil || !errors.Is(err, cut) {
				t.Errorf("Finish: got %v %v", body, err)
			}
			if _, err := s.Write([]byte("more")); !errors.Is(err, cut) {
				t.Errorf("Write: got %v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left in the directory: %v", left)
			}
		})
	}
	t.Run("an aborted body without a reason never looks whole", func(t *testing.T) {
		s := NewSpool(0, "")
		s.Abort(nil)
		if _, err := io.ReadAll(s.NewReader(t.Context())); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("law 8: one reader leaves and the others do not notice", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpool(0, "")
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error)
			go func() { _, err := io.ReadAll(s.NewReader(ctx)); left <- err }()
			stays := make(chan string)
			go func() { b, _ := io.ReadAll(s.NewReader(t.Context())); stays <- string(b) }()
			synctest.Wait()
			cancel()
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("who left: got %v", err)
			}
			s.Write([]byte(text))
			s.Finish()
			if got := <-stays; got != text {
				t.Errorf("who stayed: got %q", got)
			}
		})
	})
	t.Run("an empty body is a body", func(t *testing.T) {
		body, err := NewSpool(0, "").Finish()
		if err != nil || body.Len() != 0 || body.Bytes() == nil {
			t.Errorf("got %v %v", body, err)
		}
	})
	t.Run("a body in a file is read from any place and by many", func(t *testing.T) {
		s := NewSpool(-1, t.TempDir())
		s.Write([]byte(text))
		body, err := s.Finish()
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			f, err := body.Open()
			if err != nil {
				t.Fatal(err)
			}
			f.Seek(4, io.SeekStart)
			b, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(b, []byte(text[4:])) {
				t.Errorf("got %q %v", b, err)
			}
			f.Close()
		}
	})
}
