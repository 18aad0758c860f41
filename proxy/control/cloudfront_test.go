package control

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"staleproof/proxy/control/cloudfront"
)

// TestCloudFrontsOwnAPI asks the door for distributions as clients of AWS do.
func TestCloudFrontsOwnAPI(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.Hosts = []string{"cloudfront.amazonaws.com"}
	var err error
	if h.CloudFront, err = cloudfront.New(cloudfront.Options{Network: h.Network}); err != nil {
		t.Fatal(err)
	}
	handler := h.Handler()
	const path, credential = "/2020-05-31/distribution", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"
	signature := ", SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, url, authorization string
		status                   int
	}{
		{"API-01: signed for cloudfront in us-east-1", "http://127.0.0.1:9180" + path, credential + "us-east-1/cloudfront/aws4_request" + signature, 200},
		{"API-01: under its own name, where that is let in", "http://cloudfront.amazonaws.com" + path, credential + "us-east-1/cloudfront/aws4_request" + signature, 200},
		{"API-01: of no other version", "http://127.0.0.1:9180/2019-03-26/distribution", "", 404},
		{"API-15: not signed", "http://127.0.0.1:9180" + path, "", 200},
		{"API-15: signed for another service in another region", "http://127.0.0.1:9180" + path, credential + "eu-west-1/s3/aws4_request" + signature, 200},
		{"API-15: something that is no signature", "http://127.0.0.1:9180" + path, "Basic eDp5", 200},
		{"API-15: signed in the URL, and out of date", "http://127.0.0.1:9180" + path + "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-Signature=0", "", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, tt.url, nil)
			if tt.authorization != "" {
				r.Header.Set("Authorization", tt.authorization)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if listed := strings.Contains(w.Body.String(), "<DistributionList "); w.Code != tt.status || listed != (tt.status == 200) {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
}
