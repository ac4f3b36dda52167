// The numbers of unread conversations and notifications, for badges.
class Counts {
    messages = $state(0);
    notifications = $state(0);
}

export const counts = new Counts();
