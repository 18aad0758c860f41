package bucket

import (
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"staleproof/proxy/headers"
)

// moment is when all files of a test were changed; now is later.
var changed = time.Date(2026, 3, 1, 12, 0, 0, 500, time.UTC)

func now() time.Time { return changed.Add(time.Hour) }

// directory makes a directory of files.
func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	fill(t, dir, name, text)
}

// fill writes a file that was changed long ago.
func fill(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, changed, changed); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string, o Options) *Bucket {
	t.Helper()
	o.Now = now
	b, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// got is an answer, read.
type got struct {
	status int
	header http.Header
	body   string
	length int64
}

func ask(t *testing.T, e *Endpoint, method, path string, header ...string) got {
	t.Helper()
	r, err := http.NewRequest(method, "http://site.s3.eu-central-1.amazonaws.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.URL.Path, r.URL.RawPath = path, path
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	res, err := e.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return got{res.StatusCode, res.Header, string(body), res.ContentLength}
}

func etag(text string) string { return fmt.Sprintf(`"%x"`, md5.Sum([]byte(text))) }

// in checks what an answer has: "status", "body", "body has", or a header, "" for none.
func (g got) check(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		is := g.header.Get(name)
		switch name {
		case "status":
			is = fmt.Sprint(g.status)
		case "body":
			is = g.body
		case "body has":
			if !strings.Contains(g.body, value) {
				t.Errorf("body is %q, want %q in it", g.body, value)
			}
			continue
		}
		if is != value {
			t.Errorf("%s is %q, want %q", name, is, value)
		}
	}
}

type want = map[string]string

func TestREST(t *testing.T) {
	files := map[string]string{
		"index.html": "hello", "photos/index.html": "photos", "a b.txt": "space", "a+c.txt": "plus",
		".well-known/x": "dot", "empty": "", "x.js": "0123456789", "_headers": "/x.js\n  Cache-Control: max-age=60\n", "%41.txt": "percent",
	}
	b := open(t, directory(t, files), Options{})
	const path = "/x.js"
	tag, tagless := etag("0123456789"), strings.Trim(etag("0123456789"), `"`)
	date, earlier, later := "Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 11:59:59 GMT", "Sun, 01 Mar 2026 12:00:01 GMT"
	for _, tt := range []struct {
		name   string
		method string
		path   string
		header []string
		want   want
	}{
		{"S3-01, S3-34: an object has its validators and its type", "GET", "/index.html", nil, want{"status": "200", "body": "hello", "Etag": etag("hello"),
			"Last-Modified": date, "Content-Type": "text/html", "Accept-Ranges": "bytes", "Server": "AmazonS3", "Content-Length": "5", "Cache-Control": "",
			"X-Amz-Server-Side-Encryption": "AES256"}},
		{"S3-29: it has the headers of its rule", "GET", path, nil, want{"Cache-Control": "max-age=60", "Content-Type": "text/javascript"}},
		{"HEAD has the length alone", "HEAD", path, nil, want{"status": "200", "body": "", "Content-Length": "10", "Etag": tag}},
		{"an empty file is an object", "GET", "/empty", nil, want{"status": "200", "body": "", "Etag": etag("")}},
		{"S3-38: a file that begins with a dot is an object", "GET", "/.well-known/x", nil, want{"body": "dot", "Content-Type": "binary/octet-stream"}},
		{"S3-38: a folder is none", "GET", "/photos", nil, want{"status": "403"}},
		{"S3-05: nor is one with a slash", "GET", "/photos/", nil, want{"status": "403"}},
		{"the _headers file is none", "GET", "/_headers", nil, want{"status": "403"}},
		{"S3-26: a plus is a space", "GET", "/a+b.txt", nil, want{"body": "space"}},
		{"S3-26: an encoded plus is a plus", "GET", "/a%2Bc.txt", nil, want{"body": "plus"}},
		{"S3-26: so a file with a plus is not found", "GET", "/a+c.txt", nil, want{"status": "403"}},
		{"a space is one", "GET", "/a%20b.txt", nil, want{"body": "space"}},
		{"a key is decoded once", "GET", "/%2541.txt", nil, want{"body": "percent"}},
		{"S3-03: its document ends with two ids", "GET", "/nothing", nil, want{"body has": "</RequestId><HostId>"}},
		{"S3-02, S3-03: a missing key is denied", "GET", "/nothing", nil, want{"status": "403", "Content-Type": "application/xml",
			"body has": `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>"}},
		{"S3-25: and has no body for HEAD", "HEAD", "/nothing", nil, want{"status": "403", "Content-Type": "application/xml", "body": ""}},
		{"S3-05: keys are not listed", "GET", "/", nil, want{"status": "403", "body has": "AccessDenied"}},
		{"two slashes are another key", "GET", "//index.html", nil, want{"status": "403"}},
		{"dots lead nowhere", "GET", "/photos/../index.html", nil, want{"status": "403"}},
		{"encoded dots neither", "GET", "/%2e%2e/%2e%2e/etc/passwd", nil, want{"status": "403"}},
		{"nor does a NUL", "GET", "/index.html%00", nil, want{"status": "403"}},
		{"S3-37: what is no UTF-8 is no key", "GET", "/%ff", nil, want{"status": "400", "body has": "InvalidURI"}},
		{"S3-37: what is badly encoded is none", "GET", "/%zz", nil, want{"status": "400", "body has": "InvalidURI"}},
		{"S3-37: a key is at most 1024 bytes", "GET", "/" + strings.Repeat("a", 1025), nil, want{"status": "400", "body has": "<Code>KeyTooLongError</Code>"}},
		{"S3-37: and may have 1024", "GET", "/" + strings.Repeat("a/", 512), nil, want{"status": "403"}},

		{"S3-06, S3-33: POST is not for objects", "POST", path, nil, want{"status": "405", "Allow": "HEAD, DELETE, GET, PUT",
			"body has": "<Code>MethodNotAllowed</Code><Message>The specified method is not allowed against this resource.</Message><Method>POST</Method><ResourceType>OBJECT</ResourceType>"}},
		{"S3-35: PUT is denied", "PUT", path, nil, want{"status": "403", "body has": "AccessDenied"}},
		{"S3-35: DELETE is denied", "DELETE", path, nil, want{"status": "403", "body has": "AccessDenied"}},
		{"S3-07: OPTIONS without CORS is forbidden", "OPTIONS", path, []string{"Origin", "https://a"}, want{"status": "403",
			"body has": "<Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this bucket.</Message>"}},

		{"S3-20: If-None-Match", "GET", path, []string{"If-None-Match", `"x", ` + tag}, want{"status": "304", "body": "", "Etag": tag, "Cache-Control": "max-age=60",
			"Last-Modified": date, "Content-Length": "", "Content-Type": ""}},
		{"S3-20: If-None-Match without quotes", "GET", path, []string{"If-None-Match", tagless}, want{"status": "304"}},
		{"S3-20: If-None-Match: *", "HEAD", path, []string{"If-None-Match", "*"}, want{"status": "304"}},
		{"S3-20: another ETag", "GET", path, []string{"If-None-Match", `"x"`}, want{"status": "200"}},
		{"S3-20: If-None-Match decides, not If-Modified-Since", "GET", path, []string{"If-None-Match", `"x"`, "If-Modified-Since", date}, want{"status": "200"}},
		{"S3-20: If-None-Match and an early If-Modified-Since", "GET", path, []string{"If-None-Match", tag, "If-Modified-Since", earlier}, want{"status": "304"}},
		{"S3-20: If-Modified-Since", "GET", path, []string{"If-Modified-Since", date}, want{"status": "304"}},
		{"S3-20: modified since", "GET", path, []string{"If-Modified-Since", earlier}, want{"status": "200"}},
		{"S3-20: no date", "GET", path, []string{"If-Modified-Since", "yesterday"}, want{"status": "200"}},
		{"S3-20: If-Match", "GET", path, []string{"If-Match", tag}, want{"status": "200"}},
		{"S3-21: If-Match with another", "GET", path, []string{"If-Match", `"x"`}, want{"status": "412", "Etag": "",
			"body has": "<Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message><Condition>If-Match</Condition>"}},
		{"S3-20: If-Match decides, not If-Unmodified-Since", "GET", path, []string{"If-Match", tag, "If-Unmodified-Since", earlier}, want{"status": "200"}},
		{"S3-20: If-Unmodified-Since", "GET", path, []string{"If-Unmodified-Since", date}, want{"status": "200"}},
		{"S3-21: If-Unmodified-Since and modified", "GET", path, []string{"If-Unmodified-Since", earlier}, want{"status": "412", "body has": "<Condition>If-Unmodified-Since</Condition>"}},

		{"S3-22: a range", "GET", path, []string{"Range", "bytes=2-4"}, want{"status": "206", "body": "234", "Content-Range": "bytes 2-4/10", "Content-Length": "3", "Etag": tag}},
		{"S3-22: a range of HEAD", "HEAD", path, []string{"Range", "bytes=2-4"}, want{"status": "206", "body": "", "Content-Length": "3"}},
		{"S3-22: to the end", "GET", path, []string{"Range", "bytes=7-"}, want{"body": "789", "Content-Range": "bytes 7-9/10"}},
		{"S3-22: beyond the end", "GET", path, []string{"Range", "bytes=7-99"}, want{"status": "206", "body": "789"}},
		{"S3-22: the last bytes", "GET", path, []string{"Range", "bytes=-2"}, want{"status": "206", "body": "89", "Content-Range": "bytes 8-9/10"}},
		{"S3-22: more last bytes than there are", "GET", path, []string{"Range", "bytes=-20"}, want{"status": "206", "body": "0123456789"}},
		{"S3-22: several ranges", "GET", path, []string{"Range", "bytes=0-1,3-4"}, want{"status": "200", "body": "0123456789", "Content-Range": ""}},
		{"no range", "GET", path, []string{"Range", "bytes=4-2"}, want{"status": "200"}},
		{"another unit", "GET", path, []string{"Range", "lines=0-1"}, want{"status": "200"}},
		{"S3-23: after the end", "GET", path, []string{"Range", "bytes=10-"}, want{"status": "416", "Content-Range": "bytes */10",
			"body has": "<Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message><RangeRequested>bytes=10-</RangeRequested><ActualObjectSize>10</ActualObjectSize>"}},
		{"S3-23: far after the end", "GET", path, []string{"Range", "bytes=99999999999999999999-"}, want{"status": "416"}},
		{"S3-23: no last byte", "GET", path, []string{"Range", "bytes=-0"}, want{"status": "416"}},
		{"S3-23: any range of nothing", "GET", "/empty", []string{"Range", "bytes=0-"}, want{"status": "416"}},
		{"S3-24: If-Range holds", "GET", path, []string{"Range", "bytes=0-1", "If-Range", tag}, want{"status": "206"}},
		{"S3-24: If-Range does not", "GET", path, []string{"Range", "bytes=0-1", "If-Range", `"x"`}, want{"status": "200"}},
		{"S3-24: If-Range with a date", "GET", path, []string{"Range", "bytes=0-1", "If-Range", date}, want{"status": "206"}},
		{"S3-24: If-Range with another date", "GET", path, []string{"Range", "bytes=0-1", "If-Range", later}, want{"status": "200"}},
		{"a condition counts before a range", "GET", path, []string{"Range", "bytes=99-", "If-None-Match", tag}, want{"status": "304"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ask(t, &Endpoint{Bucket: b}, tt.method, tt.path, tt.header...).check(t, tt.want)
		})
	}
}

func TestWhoeverMayListLearnsWhatIsMissing(t *testing.T) {
	b := open(t, directory(t, map[string]string{"a/b": "1", "a.txt": "22", "z&.txt": "3", "_headers": "", "ä": ""}), Options{})
	e := &Endpoint{Bucket: b, List: true, Name: "site"}
	const begin = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>site</Name>`
	content := func(key, text string) string {
		return "<Contents><Key>" + key + "</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified><ETag>" + strings.ReplaceAll(etag(text), `"`, "&quot;") +
			"</ETag><Size>" + fmt.Sprint(len(text)) + "</Size><StorageClass>STANDARD</StorageClass></Contents>"
	}
	for _, tt := range []struct {
		name, path string
		want       want
	}{
		{"S3-02: a missing key is named", "/no%20%3Cthing%3E", want{"status": "404", "body has": "<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>no &lt;thing&gt;</Key>"}},
		{"S3-05, S3-39: the root lists keys in their order", "/", want{"status": "200", "Content-Type": "application/xml",
			"body": begin + "<Prefix></Prefix><Marker></Marker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>" +
				content("a.txt", "22") + content("a/b", "1") + content("z&amp;.txt", "3") + content("ä", "") + "</ListBucketResult>"}},
		{"S3-39: as many as asked for", "/?max-keys=1", want{"body": begin + "<Prefix></Prefix><Marker></Marker><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated>" + content("a.txt", "22") + "</ListBucketResult>"}},
		{"S3-39: from a marker on", "/?marker=a.txt&max-keys=2", want{"body has": "<IsTruncated>true</IsTruncated>" + content("a/b", "1") + content("z&amp;.txt", "3") + "</ListBucketResult>"}},
		{"S3-39: with a prefix", "/?prefix=a/", want{"body has": "<IsTruncated>false</IsTruncated>" + content("a/b", "1") + "</ListBucketResult>"}},
	} {
		t.Run(tt.name, func(t *testing.T) { ask(t, e, "GET", tt.path).check(t, tt.want) })
	}
}

func TestOriginPathAndHost(t *testing.T) {
	b := open(t, directory(t, map[string]string{"prod/x": "yes"}), Options{})
	e := &Endpoint{Bucket: b, Path: "/prod", Hosts: []string{"site.s3.eu-central-1.amazonaws.com"}}
	ask(t, e, "GET", "/x").check(t, want{"body": "yes"})
	ask(t, e, "GET", "/x", "Host", "SITE.s3.eu-central-1.amazonaws.com:443").check(t, want{"body": "yes"})
	ask(t, e, "GET", "/x", "Host", "www.example.com").check(t, want{"status": "404", // S3-09, S3-36
		"body has": "<Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>www.example.com</BucketName>"})
}

func TestWhatIsWrittenIsServedAtOnce(t *testing.T) {
	dir := directory(t, map[string]string{"a": "old"})
	e := &Endpoint{Bucket: open(t, dir, Options{})}
	ask(t, e, "GET", "/a").check(t, want{"body": "old", "Etag": etag("old")})

	write(t, dir, "new", "new")
	os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a")) // another file of the same time and size
	ask(t, e, "GET", "/a").check(t, want{"body": "new", "Etag": etag("new")})

	write(t, dir, "_headers", "/a\n  Cache-Control: no-cache\n")
	ask(t, e, "GET", "/a").check(t, want{"Cache-Control": "no-cache"})

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	ask(t, e, "GET", "/a").check(t, want{"status": "403"})
	write(t, dir, "a", "again")
	ask(t, e, "GET", "/a").check(t, want{"body": "again", "Cache-Control": ""})
}

// TestFreshChangesAreSeenWithinATick: a file that is changed twice within the file
// system's tick has the same time and size, but not the same ETag.
func TestFreshChangesAreSeenWithinATick(t *testing.T) {
	dir := directory(t, map[string]string{"a": "old"})
	b := open(t, dir, Options{})
	for _, tt := range []struct {
		age  time.Duration
		want string
	}{{time.Second, "new"}, {settled, "old"}} {
		b.etags.kept = nil
		write(t, dir, "a", "old")
		b.options.Now = func() time.Time { return changed.Add(tt.age) }
		e := &Endpoint{Bucket: b}
		ask(t, e, "HEAD", "/a").check(t, want{"Etag": etag("old")})
		write(t, dir, "a", "new")
		ask(t, e, "HEAD", "/a").check(t, want{"Etag": etag(tt.want)})
	}
}

func TestNothingLeadsOut(t *testing.T) {
	outside := directory(t, map[string]string{"secret": "hush", "in/secret": "hush"})
	dir := directory(t, map[string]string{"in/file": "inside"})
	for link, to := range map[string]string{
		"out": filepath.Join(outside, "secret"), "folder": outside, "up": "../" + filepath.Base(outside) + "/secret", "in/up": "../../",
		"here": "in/file", "there": "in", "circle": "circle",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	e := &Endpoint{Bucket: open(t, dir, Options{}), List: true}
	for path, status := range map[string]int{
		"/out": 404, "/folder/secret": 404, "/up": 404, "/in/up/secret": 404, "/circle": 404, "/../secret": 404, "/..%2fsecret": 404, `/..%5csecret`: 404,
		"/here": 200, "/there/file": 200, // S3-38
	} {
		if g := ask(t, e, "GET", path); g.status != status || strings.Contains(g.body, "hush") {
			t.Errorf("%s: %d %s, want %d", path, g.status, g.body, status)
		}
	}
	if g := ask(t, e, "GET", "/"); strings.Contains(g.body, "secret") || !strings.Contains(g.body, "<Key>here</Key>") {
		t.Errorf("listed: %s", g.body)
	}
}

func TestRulesOfOptionsCountFirst(t *testing.T) {
	var notes []string
	rules := headers.Rules{
		{Pattern: "*", Set: []headers.Field{{Name: "Cache-Control", Value: "a"}}},
		{Pattern: "*.html", Set: []headers.Field{{Name: "Cache-Control", Value: "b"}, {Name: "Content-Type", Value: "text/html; charset=utf-8"}}},
		{Pattern: "/none", Set: []headers.Field{{Name: "Cache-Control"}}},
	}
	dir := directory(t, map[string]string{"x.html": "", "x.js": "", "none": "", "sub/index.html": "",
		"_headers": "/*\n  Cache-Control: c\n  X-Frame-Options: DENY\n  Content-Language: de\n/sub/\n  Expires: 0\n"})
	e := &Endpoint{Bucket: open(t, dir, Options{Rules: rules, Note: func(s string) { notes = append(notes, s) }})}
	ask(t, e, "GET", "/x.html").check(t, want{"Cache-Control": "b", "Content-Type": "text/html; charset=utf-8", "Content-Language": "de", "X-Frame-Options": ""})
	ask(t, e, "GET", "/x.js").check(t, want{"Cache-Control": "a"})
	ask(t, e, "GET", "/none").check(t, want{"Cache-Control": ""})
	ask(t, e, "GET", "/sub/index.html").check(t, want{"Expires": "0"})
	if len(notes) != 1 || !strings.Contains(notes[0], "X-Frame-Options") {
		t.Errorf("notes: %q", notes)
	}
	write(t, dir, "_headers", "/x.html\nCache-Control: x\n")
	ask(t, e, "GET", "/x.html").check(t, want{"Content-Language": "de"})
	ask(t, e, "GET", "/x.html")
	if len(notes) != 2 || !strings.Contains(notes[1], "_headers:2: ") {
		t.Errorf("notes: %q", notes)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := directory(t, map[string]string{"file": "", "bad/_headers": "  A: b\n"})
	for name, wrong := range map[string]string{"none": "there is no directory", "file": "is a file, not a directory", "bad": "_headers:1: "} {
		if _, err := Open(filepath.Join(dir, name), Options{}); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v, want %q", name, err, wrong)
		}
	}
}

func TestAFileThatIsWrittenToIsCut(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, file string){
		"shorter": func(t *testing.T, file string) {
			if err := os.Truncate(file, 10); err != nil {
				t.Fatal(err)
			}
		},
		"other bytes": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(strings.Repeat("b", 1000)), 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		dir := directory(t, map[string]string{"a": strings.Repeat("a", 1000)})
		e := &Endpoint{Bucket: open(t, dir, Options{})}
		r, _ := http.NewRequest("GET", "http://b/a", nil)
		res, err := e.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, res.Body, 100); err != nil {
			t.Fatal(err)
		}
		change(t, filepath.Join(dir, "a"))
		if _, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Errorf("%s: no error", name)
		}
		res.Body.Close()
	}
}
