package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	openapi "tidings.dev/generated"
)

func client(token string) *openapi.APIClient {
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: os.Getenv("TIDINGS_URL")}}
	configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	return openapi.NewAPIClient(configuration)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	name, ctx := os.Getenv("TIDINGS_NAME"), context.Background()
	backEnd, user := client(os.Getenv("TIDINGS_API_KEY")), client(os.Getenv("TIDINGS_TOKEN"))

	toOne := openapi.NewNotifyInput(openapi.ToUserAsAudience(openapi.NewToUser("42")))
	toOne.SetTitle("one by " + name)
	toOne.SetData(map[string]interface{}{"amount": 12.5})
	one, _, err := backEnd.NotificationsAPI.SendNotification(ctx).NotifyInput(*toOne).IdempotencyKey("one by " + name).Execute()
	must(one, err)

	toAll := openapi.NewNotifyInput(openapi.ToEveryoneAsAudience(openapi.NewToEveryone(true)))
	toAll.SetTitle("all by " + name)
	all, _, err := backEnd.NotificationsAPI.SendNotification(ctx).NotifyInput(*toAll).Execute()
	must(all, err)

	inbox, _, err := user.InboxAPI.ListInbox(ctx).Limit(2).Execute()
	must(inbox, err)
	shown := []int64{}
	for _, item := range inbox.Items {
		shown = append(shown, item.Rev)
	}

	_, _, err = backEnd.NotificationsAPI.ReadNotification(ctx, "none").Execute()
	problem := err.(*openapi.GenericOpenAPIError).Model().(openapi.Problem)
	fmt.Println(string(must(json.Marshal(map[string]interface{}{
		"revs": []int64{one.Rev, all.Rev}, "shown": shown, "code": problem.Code,
	}))))
}
