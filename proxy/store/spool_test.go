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

func TestSpoolReader(t *testing.T) {
	const text = "the quick brown fox jumps over the lazy dog"
	t.Run("closing it ends a Read that waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpool(0, "")
			r := s.NewReader(t.Context())
			ended := make(chan error)
			go func() { _, err := r.Read(make([]byte, 1)); ended <- err }()
			synctest.Wait()
			r.Close()
			r.Close() // twice is once
			if err := <-ended; !errors.Is(err, os.ErrClosed) {
				t.Errorf("got %v", err)
			}
			if s.readers != 0 {
				t.Errorf("%d readers are left", s.readers)
			}
		})
	})
	t.Run("an abort reaches who waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpool(0, "")
			ended := make(chan error)
			go func() { _, err := s.NewReader(t.Context()).Read(make([]byte, 1)); ended <- err }()
			synctest.Wait()
			cut := errors.New("cut")
			s.Abort(cut)
			if err := <-ended; err != cut {
				t.Errorf("got %v", err)
			}
		})
	})
	for _, limit := range []int64{10, 1000} {
		t.Run(fmt.Sprintf("limit %d: it copies itself, from where it is to the end", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewSpool(limit, t.TempDir())
				r := s.NewReader(t.Context())
				defer r.Close()
				s.Write([]byte(text[:6]))
				if _, err := io.ReadFull(r, make([]byte, 4)); err != nil {
					t.Fatal(err)
				}
				var b strings.Builder
				done := make(chan error)
				go func() { _, err := io.Copy(&b, r); done <- err }()
				synctest.Wait()
				if b.String() != text[4:6] {
					t.Errorf("while it grows: got %q", b.String())
				}
				s.Write([]byte(text[6:]))
				s.Finish()
				if err := <-done; err != nil || b.String() != text[4:] {
					t.Errorf("got %q %v", b.String(), err)
				}
			})
		})
		t.Run(fmt.Sprintf("limit %d: a late one gets all, and so does one after it was stored", limit), func(t *testing.T) {
			s := NewSpool(limit, t.TempDir())
			s.Write([]byte(text[:20]))
			s.Hold([]byte(text[20:]))
			body := s.Body()
			s.Finish()
			for range 2 {
				r := s.NewReader(t.Context())
				if b, err := io.ReadAll(r); err != nil || string(b) != text {
					t.Errorf("got %q %v", b, err)
				}
				r.Close()
			}
			if again, _ := s.Finish(); again != body {
				t.Error("the second Finish has another body")
			}
			if _, err := s.Write([]byte("x")); err == nil {
				t.Error("written after its end")
			}
		})
	}
	t.Run("an aborted file is closed with its last reader", func(t *testing.T) {
		s := NewSpool(-1, t.TempDir())
		s.Write([]byte(text))
		a, b := s.NewReader(t.Context()), s.NewReader(t.Context())
		s.Abort(nil)
		a.Close()
		if got, err := io.ReadAll(b); string(got) != text || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %q %v", got, err)
		}
		file := s.file
		b.Close()
		if _, err := file.Stat(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("its file is still open: %v", err)
		}
		if _, err := s.NewReader(t.Context()).Read(make([]byte, 1)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("who comes later: got %v", err)
		}
	})
	t.Run("a directory that cannot be written is an error, and nothing is lost", func(t *testing.T) {
		s := NewSpool(10, t.TempDir()+"/missing")
		s.Write([]byte("fits"))
		if _, err := s.Write([]byte(text)); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("got %v", err)
		}
		r := s.NewReader(t.Context())
		s.Abort(os.ErrNotExist)
		if b, err := io.ReadAll(r); string(b) != "fits" || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %q %v", b, err)
		}
	})
	t.Run("a body kept for long takes no more than it needs", func(t *testing.T) {
		for _, known := range []bool{false, true} {
			s := NewSpool(0, "")
			if known {
				s.Grow(1000)
			}
			for range 100 {
				s.Write(make([]byte, 10))
			}
			grown := s.buf
			body, _ := s.Finish()
			if kept := &body.Bytes()[0] == &grown[0]; kept && cap(grown) > 1125 {
				t.Errorf("length known %v: 1000 bytes take %d", known, cap(grown))
			}
		}
	})
}
