import com.google.gson.Gson;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.InboxApi;
import org.openapitools.client.api.NotificationsApi;
import org.openapitools.client.auth.HttpBearerAuth;
import org.openapitools.client.model.Audience;
import org.openapitools.client.model.InboxPage;
import org.openapitools.client.model.NotifyInput;
import org.openapitools.client.model.NotifyResult;
import org.openapitools.client.model.ToEveryone;
import org.openapitools.client.model.ToUser;

public class Main {
  private static ApiClient client(String scheme, String token) {
    ApiClient client = new ApiClient();
    client.setBasePath(System.getenv("TIDINGS_URL"));
    ((HttpBearerAuth) client.getAuthentication(scheme)).setBearerToken(token);
    return client;
  }

  public static void main(String[] args) throws ApiException {
    String name = System.getenv("TIDINGS_NAME");
    NotificationsApi backEnd = new NotificationsApi(client("api_key", System.getenv("TIDINGS_API_KEY")));
    InboxApi user = new InboxApi(client("user_token", System.getenv("TIDINGS_TOKEN")));

    NotifyInput toOne = new NotifyInput().to(new Audience(new ToUser().user("42"))).title("one by " + name);
    toOne.setData(Map.of("amount", 12.5));
    NotifyResult one = backEnd.sendNotification(toOne, "one by " + name);
    NotifyInput toAll = new NotifyInput().to(new Audience(new ToEveryone().everyone(true))).title("all by " + name);
    NotifyResult all = backEnd.sendNotification(toAll, null);
    InboxPage inbox = user.listInbox(null, 2, null, null, null, null, null, null, null);

    Object code = null;
    try {
      backEnd.readNotification("none", null, null);
    } catch (ApiException error) {
      code = new Gson().fromJson(error.getResponseBody(), Map.class).get("code");
    }
    List<Long> shown = inbox.getItems().stream().map(item -> item.getRev()).toList();
    System.out.println(new Gson().toJson(Map.of("revs", List.of(one.getRev(), all.getRev()), "shown", shown, "code", code)));
    System.exit(0);
  }
}
