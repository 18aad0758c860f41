package bucket

import "testing"

func TestWebsite(t *testing.T) {
	b := open(t, directory(t, map[string]string{
		"index.html": "root", "photos/index.html": "photos", "file": "file", "404.html": "gone", "ä b/index.html": "umlaut", "old": "",
		"_headers": "/old\n  x-amz-website-redirect-location: /file\n/404.html\n  Cache-Control: max-age=5\n",
	}), Options{})
	for _, tt := range []struct {
		name    string
		website Website
		list    bool
		method  string
		path    string
		want    want
	}{
		{"S3-15: the root is its index document", Website{}, false, "GET", "/", want{"status": "200", "body": "root", "Content-Type": "text/html"}},
		{"S3-15: so is a folder", Website{}, false, "GET", "/photos/", want{"status": "200", "body": "photos"}},
		{"S3-15, S3-30, S3-32: a folder without its slash is sent there", Website{}, false, "GET", "/photos?a=b", want{"status": "302", "Location": "/photos/", "X-Amz-Error-Code": "Found", "X-Amz-Error-Message": "Resource Found"}},
		{"S3-15: its place is encoded", Website{}, false, "GET", "/%C3%A4%20b", want{"status": "302", "Location": "/%C3%A4%20b/"}},
		{"a file is a file", Website{}, false, "GET", "/file", want{"body": "file"}},
		{"S3-15: the index document can have another name", Website{Index: "file"}, false, "GET", "/", want{"body": "file"}},
		{"S3-17: what is missing is denied", Website{}, false, "GET", "/nothing", want{"status": "403", "Content-Type": "text/html; charset=utf-8", "X-Amz-Error-Code": "AccessDenied",
			"body has": "<html>\n<head><title>403 Forbidden</title></head>\n<body>\n<h1>403 Forbidden</h1>\n<ul>\n<li>Code: AccessDenied</li>\n<li>Message: Access Denied</li>\n<li>RequestId: "}},
		{"S3-17, S3-30: or missing, for who may list", Website{}, true, "GET", "/no%3Cthing", want{"status": "404", "X-Amz-Error-Code": "NoSuchKey",
			"X-Amz-Error-Message": "The specified key does not exist.", "X-Amz-Error-Detail-Key": "no<thing",
			"body has": "<h1>404 Not Found</h1>\n<ul>\n<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: no&lt;thing</li>\n<li>RequestId: "}},
		{"S3-17: a folder without an index document", Website{}, true, "GET", "/x/", want{"status": "404", "body has": "<li>Key: x/index.html</li>"}},
		{"S3-16, S3-30: the error document has the status of the error", Website{Error: "404.html"}, true, "GET", "/nothing", want{"status": "404", "body": "gone", "Content-Type": "text/html",
			"X-Amz-Error-Code": "NoSuchKey", "X-Amz-Error-Detail-Key": "nothing", "Cache-Control": "max-age=5"}},
		{"S3-16: for 403, too", Website{Error: "404.html"}, false, "GET", "/nothing", want{"status": "403", "body": "gone"}},
		{"S3-16: and for HEAD without its body", Website{Error: "404.html"}, false, "HEAD", "/nothing", want{"status": "403", "body": "", "Content-Length": "4"}},
		{"S3-31: an error document that is missing", Website{Error: "error.html"}, true, "GET", "/nothing", want{"status": "404",
			"body has": "</ul>\n<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: error.html</li>\n</ul>\n<hr/>"}},
		{"S3-18: POST", Website{}, false, "POST", "/file", want{"status": "405", "X-Amz-Error-Code": "MethodNotAllowed", "Allow": "GET, HEAD"}},
		{"S3-18: OPTIONS", Website{}, false, "OPTIONS", "/file", want{"status": "405"}},
		{"S3-19: an object may be a redirect", Website{}, false, "GET", "/old", want{"status": "301", "Location": "/file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ask(t, &Endpoint{Bucket: b, Website: &tt.website, List: tt.list}, tt.method, tt.path).check(t, tt.want)
		})
	}
}
