package front

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// takesFiles is a connection that counts the files it is given.
type takesFiles struct {
	*scripted
	files int
}

func (c *takesFiles) ReadFrom(r io.Reader) (int64, error) {
	c.files++
	return io.Copy(c.scripted, r)
}

// TestFilesAreSentAsNetHTTPDoes: an answer that is a file looks the same, whether it goes
// out as one or is read, and goes out as one where it may.
func TestFilesAreSentAsNetHTTPDoes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, large, 0o600); err != nil {
		t.Fatal(err)
	}
	fields := func(w http.ResponseWriter, length string) {
		w.Header().Set("Content-Type", "x/y")
		w.Header().Set("Content-Length", length)
	}
	for _, row := range []struct {
		name  string
		send  func(w http.ResponseWriter, f *os.File) error
		files int // two requests, whose connection may end after the first
		fails error
	}{
		{"whole", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1048576")
			_, err := io.Copy(w, f)
			return err
		}, 2, nil},
		{"a part", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1000")
			w.WriteHeader(http.StatusPartialContent)
			f.Seek(12345, io.SeekStart)
			_, err := io.Copy(w, io.LimitReader(f, 1000))
			return err
		}, 2, nil},
		{"two parts", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1048576")
			part := &io.LimitedReader{R: f, N: 1000}
			if n, err := io.Copy(w, part); n != 1000 || err != nil || part.N != 0 {
				t.Errorf("two parts: %d bytes, %v, %d left", n, err, part.N)
			}
			_, err := io.Copy(w, f)
			return err
		}, 4, nil},
		{"behind a few bytes", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1048579")
			io.WriteString(w, "abc")
			_, err := io.Copy(w, f)
			return err
		}, 2, nil},
		{"shorter than declared", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1048577")
			_, err := io.Copy(w, f)
			return err
		}, 1, nil},
		{"of no declared length", func(w http.ResponseWriter, f *os.File) error {
			w.Header().Set("Content-Type", "x/y")
			_, err := io.Copy(w, f)
			return err
		}, 0, nil},
		{"of no declared type", func(w http.ResponseWriter, f *os.File) error {
			w.Header().Set("Content-Length", "1048576")
			_, err := io.Copy(w, f)
			return err
		}, 0, nil},
		{"where no body is allowed", func(w http.ResponseWriter, f *os.File) error {
			fields(w, "1048576")
			w.WriteHeader(http.StatusNotModified)
			_, err := io.Copy(w, f)
			return err
		}, 0, http.ErrBodyNotAllowed},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(row.name+" "+method, func(t *testing.T) {
				h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					f, err := os.Open(name)
					if err != nil {
						panic(err)
					}
					defer f.Close()
					if err := row.send(w, f); !errors.Is(err, row.fails) {
						t.Errorf("copying: %v, want %v", err, row.fails)
					}
				})
				ours, theirs := newChannelListener(), newChannelListener()
				serveOn(t, &Server{Handler: h, ErrorLog: quiet}, ours)
				s := &http.Server{Handler: h, ErrorLog: quiet}
				go s.Serve(theirs)
				defer s.Close()
				request := method + " / HTTP/1.1\r\nHost: a\r\n\r\n"
				c, plain := &takesFiles{scripted: newScripted([]byte(request + request))}, newScripted([]byte(request+request))
				ours.conns <- c
				theirs.conns <- plain
				<-c.closed
				<-plain.closed
				if got, want := replies(c.output(), method), replies(plain.output(), method); !reflect.DeepEqual(got, want) {
					t.Errorf("\n got %.600q\nwant %.600q", c.output(), plain.output())
				}
				want := row.files
				if method == http.MethodHead {
					want = 0
				}
				if c.files != want {
					t.Errorf("%d files went out as such, want %d", c.files, want)
				}
			})
		}
	}
}

// TestFileLongerThanDeclared: the viewer gets what was declared and no more.
func TestFileLongerThanDeclared(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, large, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{1 << 30, 1001} {
		l := newChannelListener()
		serveOn(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f, err := os.Open(name)
			if err != nil {
				panic(err)
			}
			defer f.Close()
			w.Header().Set("Content-Type", "x/y")
			w.Header().Set("Content-Length", "1000")
			if _, err := io.Copy(w, io.LimitReader(f, limit)); err != http.ErrContentLength {
				t.Errorf("copying: %v, want ErrContentLength", err)
			}
		})}, l)
		c := &takesFiles{scripted: newScripted([]byte(strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 2)))}
		l.conns <- c
		<-c.closed
		if got := replies(c.output(), "GET"); len(got) != 1 || got[0].Body != string(large[:1000]) {
			t.Errorf("got %+v, want one answer of 1,000 bytes", got)
		}
	}
}

// TestFileOverTLS: there a file is read, as its bytes are not what goes out.
func TestFileOverTLS(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, large, 0o600); err != nil {
		t.Fatal(err)
	}
	ours := serveTLS(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })})
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer tr.CloseIdleConnections()
	res, err := (&http.Client{Transport: tr}).Get("https://" + ours)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != string(large) {
		t.Errorf("%d bytes, %v, want the file", len(got), err)
	}
}

// takesSlowly takes so many bytes of a file in each of its deadlines.
type takesSlowly struct {
	net.Conn
	by    time.Time
	takes []int64
}

func (c *takesSlowly) SetWriteDeadline(t time.Time) error { c.by = t; return nil }

func (c *takesSlowly) ReadFrom(r io.Reader) (int64, error) {
	time.Sleep(time.Until(c.by))
	n, _ := io.CopyN(io.Discard, r, c.takes[0])
	c.takes = c.takes[1:]
	return n, os.ErrDeadlineExceeded
}

// TestSlowlyTakenFile: who takes 500 bytes of a file a second may go on; who does not is
// let go.
func TestSlowlyTakenFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough := leastBytes(30 * time.Second)
		w := &wire{Conn: &takesSlowly{takes: []int64{enough, enough, enough, enough - 1}}, patience: 30 * time.Second, slack: time.Second}
		began := time.Now()
		file := &io.LimitedReader{R: strings.NewReader(strings.Repeat("x", 1<<20)), N: 1 << 20}
		n, err := w.sendFile(began, file)
		if n != 4*enough-1 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("sent %d bytes, %v; want %d and that it took too long", n, err, 4*enough-1)
		}
		between(t, "sending", time.Since(began), 4*31*time.Second, 4*31*time.Second)
	})
}
