package command

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// unsigned says that the body is not covered by a signature.
const unsigned = "UNSIGNED-PAYLOAD"

// signer signs requests to S3 with the credentials of the environment, where the AWS
// command line looks for them, too; nil: there are none.
func signer(env func(string) string, now func() time.Time) func(*http.Request) error {
	credentials := aws.Credentials{
		AccessKeyID:     env("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: env("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    env("AWS_SESSION_TOKEN"),
	}
	if credentials.AccessKeyID == "" || credentials.SecretAccessKey == "" {
		return nil
	}
	region := cmp.Or(env("AWS_REGION"), env("AWS_DEFAULT_REGION"), "us-east-1")
	s := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }) // S3 takes the path as it is
	return func(r *http.Request) error {
		r.Header.Set("X-Amz-Content-Sha256", unsigned)
		return s.SignHTTP(context.Background(), credentials, r, unsigned, "s3", region, now())
	}
}
