package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// caller is a client at the control door of an edge.
type caller struct {
	*edge
	call awsClient
}

// well calls what has to go well.
func (c caller) well(operation string, parameters said) said {
	GinkgoHelper()
	s, ok := c.call(operation, parameters)
	Expect(ok).To(BeTrue(), "%s: %v", operation, s)
	return s
}

// refused calls what has to be refused, and gives the code.
func (c caller) refused(operation string, parameters said) said {
	GinkgoHelper()
	s, ok := c.call(operation, parameters)
	Expect(ok).To(BeFalse(), "%s: %v", operation, s)
	return s
}

// configuration is a distribution in front of an origin, as a person writes it.
func configuration(reference, origin, policy string) map[string]any {
	GinkgoHelper()
	u, err := url.Parse(origin)
	Expect(err).NotTo(HaveOccurred())
	host, port, err := net.SplitHostPort(u.Host)
	Expect(err).NotTo(HaveOccurred())
	number, err := strconv.Atoi(port)
	Expect(err).NotTo(HaveOccurred())
	return map[string]any{
		"CallerReference": reference, "Comment": "made by a client", "Enabled": true,
		"Origins": map[string]any{"Quantity": 1, "Items": []any{map[string]any{
			"Id": "web", "DomainName": host,
			"CustomOriginConfig": map[string]any{"HTTPPort": number, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
		}}},
		"DefaultCacheBehavior": map[string]any{"TargetOriginId": "web", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": policy},
	}
}

const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"

// created makes a distribution, waits for it, and gives its id and a viewer of it.
func (c caller) created(config map[string]any) (id string, view func(path string) answer) {
	GinkgoHelper()
	d := c.well("CreateDistribution", said{"DistributionConfig": config})
	id = d.text("Distribution", "Id")
	c.well("DistributionDeployed", said{"Id": id})
	return id, c.viewer(d.text("Distribution", "DomainName"))
}

// viewer asks for paths under a domain name that means this edge.
func (c caller) viewer(domain string) func(path string) answer {
	client := http.Client{Transport: network{domain: address(c.url)}.transport()}
	return func(path string) answer {
		GinkgoHelper()
		response, err := client.Get("http://" + domain + path)
		Expect(err).NotTo(HaveOccurred())
		return taken(response)
	}
}

// taken reads an answer to its end.
func taken(response *http.Response) answer {
	GinkgoHelper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return answer{response.StatusCode, response.Header, string(body)}
}

// keyedBy makes a cache policy with query parameters in the key, and gives its id.
func (c caller) keyedBy(names ...string) string {
	GinkgoHelper()
	none := map[string]any{"HeadersConfig": map[string]any{"HeaderBehavior": "none"}, "CookiesConfig": map[string]any{"CookieBehavior": "none"},
		"EnableAcceptEncodingGzip": true, "EnableAcceptEncodingBrotli": true,
		"QueryStringsConfig": map[string]any{"QueryStringBehavior": "whitelist", "QueryStrings": map[string]any{"Quantity": len(names), "Items": names}}}
	p := c.well("CreateCachePolicy", said{"CachePolicyConfig": map[string]any{"Name": "keyed-by-" + strings.Join(names, "-"), "MinTTL": 1, "ParametersInCacheKeyAndForwardedToOrigin": none}})
	return p.text("CachePolicy", "Id")
}

var _ = Describe("CloudFront's own API", func() {
	for name, client := range awsClients {
		Describe("called with "+name, func() {
			var (
				o *origin
				c caller
			)
			BeforeEach(func() {
				o = startOrigin()
				e := serve("--origin", o.url)
				c = caller{e, client(e.control)}
			})

			It("1: the same URL with new bytes at the origin: the old object keeps coming until its time is up, and not longer", func() {
				_, view := c.created(configuration("one", o.url, cachingOptimized))
				Expect(view("/site.css").body).To(Equal("old"))
				o.says("new")
				c.advance(time.Hour - time.Minute)
				late := view("/site.css")
				Expect([]string{late.body, late.result()}).To(Equal([]string{"old", "Hit"}))
				c.advance(time.Minute + time.Second)
				Expect(view("/site.css").body).To(Equal("new"))
				Expect(o.requests()).To(HaveLen(2))
			})

			It("2 and 3: a query string that is not in the key returns the old object, and the one that is the new one", func() {
				_, without := c.created(configuration("two", o.url, cachingOptimized))
				_, with := c.created(configuration("three", o.url, c.keyedBy("v")))
				Expect(without("/site.css?v=1").body + with("/site.css?v=1&utm_source=x").body).To(Equal("oldold"))
				o.says("new")
				Expect(without("/site.css?v=2").body).To(Equal("old"))
				Expect(with("/site.css?v=2").body).To(Equal("new"))
				Expect(o.requests()).To(Equal([]string{"/site.css", "/site.css?v=1", "/site.css?v=2"}), "the origin saw v where it is in the key, and nothing but v")
			})

			It("4: an invalidation clears what it covers, only that, and says which path matched nothing", func() {
				id, view := c.created(configuration("four", o.url, cachingOptimized))
				paths := []string{"/css/a.css", "/css/b.css", "/img/a.png"}
				for _, p := range paths {
					Expect(view(p).body).To(Equal("old"))
				}
				o.says("new")
				items := []string{"/css/a.css", "/img/*", "/nothing.css"}
				batch := map[string]any{"CallerReference": "r", "Paths": map[string]any{"Quantity": len(items), "Items": items}}
				i := c.well("CreateInvalidation", said{"DistributionId": id, "InvalidationBatch": batch})
				c.well("InvalidationCompleted", said{"DistributionId": id, "Id": i.text("Invalidation", "Id")})
				Expect([]string{view("/css/a.css").body, view("/css/b.css").body, view("/img/a.png").body}).To(Equal([]string{"new", "old", "new"}))
				again := c.well("CreateInvalidation", said{"DistributionId": id, "InvalidationBatch": batch})
				Expect(again.text("Invalidation", "Id")).To(Equal(i.text("Invalidation", "Id")), "INV-22")
				var reported invalidation
				c.ask(http.MethodGet, "invalidations/"+i.text("Invalidation", "Id"), nil, &reported)
				Expect(reported.Items[2].Item).To(Equal("/nothing.css"))
				Expect(reported.Items[2].Covered).To(BeEmpty())
				listed := c.well("ListInvalidations", said{"DistributionId": id})
				Expect(listed.at("InvalidationList", "Items")).To(HaveLen(1))
			})

			It("takes a distribution through its life, with ETags, tags, pages and errors", func() {
				id, view := c.created(configuration("life", o.url, cachingOptimized))
				double := c.refused("CreateDistribution", said{"DistributionConfig": configuration("life", o.url, cachingOptimized)})
				Expect(double.text("Code")).To(Equal("DistributionAlreadyExists"))
				Expect(double.text("Message")).To(HaveSuffix("Already exists: " + id))

				got := c.well("GetDistributionConfig", said{"Id": id})
				config, etag := got.at("DistributionConfig").(map[string]any), got.text("ETag")
				config["DefaultRootObject"] = "index.html"
				Expect(c.refused("UpdateDistribution", said{"Id": id, "DistributionConfig": config, "IfMatch": "E0000000000000"}).text("Code")).To(Equal("PreconditionFailed"))
				etag = c.well("UpdateDistribution", said{"Id": id, "DistributionConfig": config, "IfMatch": etag}).text("ETag")
				Expect(view("/").status).To(Equal(200))
				Expect(o.requests()).To(ContainElement("/index.html"), "the change is served at once")

				arn := c.well("GetDistribution", said{"Id": id}).text("Distribution", "ARN")
				tags := []any{map[string]any{"Key": "team", "Value": "web"}}
				c.well("TagResource", said{"Resource": arn, "Tags": map[string]any{"Items": tags}})
				Expect(c.well("ListTagsForResource", said{"Resource": arn}).at("Tags", "Items")).To(Equal(tags))
				c.well("UntagResource", said{"Resource": arn, "TagKeys": map[string]any{"Items": []string{"team"}}})
				Expect(c.well("ListTagsForResource", said{"Resource": arn}).at("Tags", "Items")).To(Or(BeNil(), BeEmpty()))

				page := c.well("ListDistributions", said{"MaxItems": wanted(name, 1)})
				Expect(page.at("DistributionList", "IsTruncated")).To(BeTrue())
				rest := c.well("ListDistributions", said{"MaxItems": wanted(name, 1), "Marker": page.text("DistributionList", "NextMarker")})
				Expect(rest.at("DistributionList", "IsTruncated")).To(BeFalse())
				Expect(fmt.Sprint(page, rest)).To(And(ContainSubstring(id), ContainSubstring("made by a client")), "beside that of --origin")

				Expect(c.refused("DeleteDistribution", said{"Id": id, "IfMatch": etag}).text("Code")).To(Equal("DistributionNotDisabled"))
				config["Enabled"] = false
				etag = c.well("UpdateDistribution", said{"Id": id, "DistributionConfig": config, "IfMatch": etag}).text("ETag")
				c.well("DeleteDistribution", said{"Id": id, "IfMatch": etag})
				gone := c.refused("GetDistribution", said{"Id": id})
				Expect(gone.text("Code")).To(Equal("NoSuchDistribution"))
				Expect(gone.text("Message")).To(HavePrefix("The specified distribution does not exist."))
			})

			It("says what is not emulated, in AWS's shape", func() {
				Expect(c.refused("ListStreamingDistributions", said{}).text("Code")).To(Equal("UnsupportedOperation"))
			})
		})
	}
})

// wanted is a page's length as a client takes it: to some it is text.
func wanted(client string, n int) any {
	if client == "@aws-sdk/client-cloudfront" || client == "aws-sdk-go-v2" {
		return n
	}
	return strconv.Itoa(n)
}
