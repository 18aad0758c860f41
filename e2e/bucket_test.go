package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// siteFolder is a folder of files that a deploy writes to.
type siteFolder string

func startSite(files map[string]string) siteFolder {
	GinkgoHelper()
	s := siteFolder(folder("dist"))
	for name, content := range files {
		s.write(name, content)
	}
	return s
}

func (s siteFolder) write(name, content string) {
	GinkgoHelper()
	path := filepath.Join(string(s), name)
	Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	Expect(os.WriteFile(path, []byte(content), 0o644)).To(Succeed())
}

var _ = Describe("a directory in the place of a bucket", func() {
	var site siteFolder
	BeforeEach(func() {
		site = startSite(map[string]string{
			"index.html": "home", "blog/index.html": "blog", "app.js": "one", "404.html": "lost", "secret/.env": "dot",
			"_headers": "/app.js\n  Cache-Control: public, max-age=31536000\n",
		})
	})

	It("S3-01, S3-02, S3-04: is an origin by its name alone", func() {
		e := serve("--origin", string(site), "--header", "*.html: Cache-Control: no-cache, max-age=0")
		home := goClient(e.url + "/")
		Expect([]any{home.status, home.body, home.result()}).To(Equal([]any{200, "home", "Miss"}))
		Expect(home.header).To(And(
			HaveKeyWithValue("Server", ConsistOf("AmazonS3")), HaveKeyWithValue("Content-Type", ConsistOf("text/html")),
			HaveKeyWithValue("Etag", ConsistOf(`"106a6c241b8797f52e1e77317b96a201"`)), HaveKey("Last-Modified"),
			HaveKeyWithValue("Cache-Control", ConsistOf("no-cache, max-age=0")),
			Not(HaveKey("X-Amz-Request-Id")), Not(HaveKey("X-Amz-Id-2"))), "RSP-14")
		Expect(goClient(e.url + "/app.js").header.Get("Cache-Control")).To(Equal("public, max-age=31536000"))
		for _, path := range []string{"/blog/", "/blog", "/_headers", "/../e2e/doc.go", "/%2e%2e/%2e%2e/etc/passwd"} {
			denied := goClient(e.url + path)
			Expect(denied.status).To(Equal(403), path)
			Expect(denied.body).To(HavePrefix(`<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>"), path)
		}
	})

	It("is served as it is: a deploy into it needs an invalidation and no more", func() {
		e := serve("--origin", string(site), "--list-bucket")
		Expect(goClient(e.url + "/app.js").body).To(Equal("one"))
		site.write("app.js", "two")
		Expect(goClient(e.url+"/app.js").body).To(Equal("one"), "it is cached")
		e.invalidate("", "/app.js")
		Expect(goClient(e.url + "/app.js").body).To(Equal("two"))
		missing := goClient(e.url + "/new.js")
		Expect(missing.status).To(Equal(404))
		Expect(missing.body).To(ContainSubstring("<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>new.js</Key>"))
		site.write("new.js", "new")
		e.advance(11e9) // the error caching minimum TTL
		Expect(goClient(e.url + "/new.js").body).To(Equal("new"))
	})

	It("COND-02: is asked with conditions, and answers 304", func() {
		e := serve("--origin", string(site), "--header", "app.js: Cache-Control: max-age=60")
		goClient(e.url + "/app.js")
		e.advance(61e9)
		Expect(goClient(e.url + "/app.js").result()).To(Equal("RefreshHit"))
		site.write("app.js", "two")
		e.advance(61e9)
		Expect(goClient(e.url + "/app.js").body).To(Equal("two"))
	})

	It("S3-15, S3-16: takes the place of one origin of many, as the endpoint its domain names", func() {
		o := startOrigin()
		config := file("distribution.yaml", `
origins:
  web: {domain: web.example.com}
  site: {domain: site.s3-website.eu-central-1.amazonaws.com, protocol: http-only}
defaultCacheBehavior: {origin: site, policy: CachingOptimized}
cacheBehaviors: [{pathPattern: /api/*, origin: web, policy: CachingDisabled}]
`)
		e := serve("--config", config, "--origin-map", "web="+o.url, "--origin-map", "site="+string(site), "--website", "index.html,404.html", "--list-bucket")
		Expect(goClient(e.url + "/api/x").body).To(Equal("old"))
		Expect(o.requests()).To(Equal([]string{"/api/x"}))
		Expect(goClient(e.url + "/blog/").body).To(Equal("blog"))
		lost := goClient(e.url + "/lost")
		Expect([]any{lost.status, lost.body, lost.header.Get("X-Amz-Error-Code")}).To(Equal([]any{404, "lost", "NoSuchKey"}))
		client := http.Client{Transport: network{}.local(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		response, err := client.Get(e.url + "/blog?a=b")
		Expect(err).NotTo(HaveOccurred())
		response.Body.Close()
		Expect([]any{response.StatusCode, response.Header.Get("Location")}).To(Equal([]any{302, "/blog/"}))
	})

	It("says what is wrong with a place, and exits with 2", func() {
		config := file("distribution.yaml", "origins: {web: http://127.0.0.1:1, site: http://127.0.0.1:2}\ndefaultCacheBehavior: {origin: web, policy: CachingOptimized}")
		for _, row := range []struct{ place, said string }{
			{"other=" + string(site), "error: --origin-map: there is no origin other\nstaleproof: hint: the origins are site, web\n"},
			{"web=" + string(site) + "/nothing", "there is no directory"},
			{"web=" + string(site) + "/app.js", "is a file, not a directory"},
			{"web=s3://assets", "needs --s3-endpoint or AWS_ENDPOINT_URL"},
		} {
			out, code := run("serve", "--config", config, "--origin-map", row.place)
			Expect(code).To(Equal(2), out)
			Expect(out).To(ContainSubstring(row.said))
		}
	})

	// nginx stands in for MinIO and the like: it serves the path style, and checks no
	// signatures; it says what it was asked with.
	It("S3-10: may be s3://bucket at an endpoint; nginx stands in for the store", func() {
		dir, port := folder("store"), freePort()
		Expect(os.MkdirAll(filepath.Join(dir, "assets/v1"), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(dir, "assets/v1/app.js"), []byte("stored"), 0o644)).To(Succeed())
		path := filepath.Join(dir, "nginx.conf")
		Expect(os.WriteFile(path, []byte(strings.NewReplacer("DIR", dir, "PORT", port).Replace(`
daemon off; worker_processes 1; pid DIR/nginx.pid; error_log DIR/error.log; events { worker_connections 64; }
http {
    access_log off; client_body_temp_path DIR/body; proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi; uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
    server { listen 127.0.0.1:PORT; root DIR; add_header X-Asked "$http_host $request_uri"; add_header X-Signed $http_authorization; }
}`)), 0o644)).To(Succeed())
		start(exec.Command("/usr/sbin/nginx", "-c", path, "-p", dir, "-e", filepath.Join(dir, "error.log")))
		at := "127.0.0.1:" + port
		Eventually(func() error {
			response, err := (&http.Client{Transport: network{}.local()}).Get("http://" + at)
			if err == nil {
				response.Body.Close()
			}
			return err
		}).Should(Succeed())

		plain := serve("--origin", "s3://assets/v1", "--s3-endpoint", "http://"+at)
		got := goClient(plain.url + "/app.js?a=b")
		Expect([]string{got.body, got.header.Get("X-Asked"), got.header.Get("X-Signed")}).To(Equal([]string{"stored", at + " /assets/v1/app.js", ""}))

		os.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
		os.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		os.Setenv("AWS_ENDPOINT_URL", "http://"+at)
		DeferCleanup(os.Unsetenv, "AWS_ACCESS_KEY_ID")
		DeferCleanup(os.Unsetenv, "AWS_SECRET_ACCESS_KEY")
		DeferCleanup(os.Unsetenv, "AWS_ENDPOINT_URL")
		signed := serve("--origin", "s3://assets/v1")
		got = goClient(signed.url + "/app.js")
		Expect(got.body).To(Equal("stored"))
		Expect(got.header.Get("X-Signed")).To(MatchRegexp(`^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/\d{8}/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$`))
	})
})
